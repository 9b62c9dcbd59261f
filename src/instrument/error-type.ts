/**
 * What went wrong with a request, in few and stable words.
 *
 * Layer: instrument. Source: semantic conventions, `error.type`: low cardinality, no messages.
 */

/** `error.type` of an exchange whose other side, or whose owner, went away before it was complete. */
export const ABORTED = 'aborted';

/** The code (`ECONNREFUSED`) or else the name (`TypeError`) of a failure; `_OTHER` for values that have neither. */
export function errorType(failure: unknown): string {
  if (typeof failure !== 'object' || failure === null) return '_OTHER';
  if (isTimeout(failure)) return 'TimeoutError';
  // The code of a DOMException is a number without meaning to readers.
  const { code, name } = failure as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && code !== '' && code !== 'ABORT_ERR') return code;
  return typeof name === 'string' && name !== '' ? name : '_OTHER';
}

/** Whether the program itself cancelled the request, which is no failure; running into its own time limit is one. */
export function isCancelled(failure: unknown): boolean {
  return (failure as { name?: unknown } | null)?.name === 'AbortError' && !isTimeout(failure as object);
}

/** `AbortSignal.timeout()` rejects fetch with a `TimeoutError`, and http.request with an AbortError that it caused. */
function isTimeout(failure: object): boolean {
  const { name, cause } = failure as { name?: unknown; cause?: { name?: unknown } | null };
  return name === 'TimeoutError' || (name === 'AbortError' && cause?.name === 'TimeoutError');
}
