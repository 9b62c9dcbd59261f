/**
 * Request methods as attributes and span names.
 *
 * Layer: instrument. Source: semantic conventions for HTTP spans, `http.request.method`.
 */

/** RFC 9110, PATCH of RFC 5789 and QUERY: the closed list that keeps the attribute's cardinality low. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** A method as the conventions write it. */
export interface MethodNames {
  /** One of the known methods, in capitals, or `_OTHER`. */
  readonly method: string;
  /** The method as sent, where that differs from `method`. */
  readonly original: string | undefined;
  /** First word of the span name: the method, or `HTTP` for `_OTHER`. */
  readonly spanName: string;
}

const COMMON: ReadonlyMap<string, MethodNames> = new Map(
  [...KNOWN_METHODS].map((method) => [method, { method, original: undefined, spanName: method }]),
);

/** Names a method as sent; an absent one is `GET`, as in Node. */
export function resolveMethod(sent: string | undefined): MethodNames {
  const original = sent ?? 'GET';
  const known = COMMON.get(original);
  if (known !== undefined) return known;
  const capitals = original.toUpperCase();
  return KNOWN_METHODS.has(capitals)
    ? { method: capitals, original, spanName: capitals }
    : { method: '_OTHER', original, spanName: 'HTTP' };
}
