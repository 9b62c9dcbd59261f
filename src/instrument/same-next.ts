/**
 * Keeps express' `req.next` equal to the `next` that handlers are given.
 *
 * The official instrumentation hands a `next` of its own to each handler, while express keeps the original in `req.next`
 * and passes that on, for example to the callbacks of `res.format()`. A program, and express' own test suite, can tell
 * the two apart.
 * Layer: instrument.
 */
type Next = (...args: unknown[]) => unknown;

/** A layer's function. */
export type Handle = (this: unknown, ...args: readonly unknown[]) => unknown;

/** What the wrapper makes of a layer's function; what it puts in place of `next` is `req.next` too while it runs. */
export function withSameNext(original: Handle, wrapper: (original: Handle) => Handle): Handle {
  let given: unknown;
  // Proxies, because length and properties of both are looked at.
  const inner = new Proxy(original, {
    apply: (target, self, args: readonly unknown[]) => Reflect.apply(target, self, replaceNext(args, given)),
  });
  const wrapped = wrapper(inner);
  // Handlers of errors are left alone.
  if (wrapped === inner) return original;
  return new Proxy(wrapped, {
    apply(target, self, args: readonly unknown[]) {
      given = args[2];
      return Reflect.apply(target, self, args);
    },
  });
}

/** Arguments of a handler with the `next` that is in `req.next` as well, until it is called. */
function replaceNext(args: readonly unknown[], given: unknown): readonly unknown[] {
  const [request, response, next] = args as readonly [{ next?: unknown } | undefined, unknown, Next];
  // The handlers of a route have a `next` of their own, which is not the one of the request.
  if (request === undefined || next === given || request.next !== given) return args;
  const same: Next = function (this: unknown, ...rest: unknown[]) {
    if (request.next === same) request.next = given;
    return next.apply(this, rest);
  };
  request.next = same;
  return [request, response, same];
}
