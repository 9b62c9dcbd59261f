/**
 * Stands in front of a method of a class of Node.
 *
 * Layer: instrument.
 */

/** Any method. */
export type Method = (this: object, ...args: never[]) => unknown;

/**
 * Replaces a method by what `wrap` makes of it.
 *
 * @param holder - the prototype
 * @returns a function that takes the replacement away, unless somebody has replaced the method again meanwhile
 */
export function replaceMethod<M extends Method>(
  holder: object,
  name: string,
  wrap: (original: M) => (this: object, ...args: Parameters<M>) => unknown,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  const original = (holder as Record<string, unknown>)[name] as M;
  const wrapped = wrap(original);
  Object.defineProperty(holder, name, { value: wrapped, writable: true, configurable: true, enumerable: false });
  return () => {
    if ((holder as Record<string, unknown>)[name] !== wrapped) return;
    if (descriptor === undefined) delete (holder as Record<string, unknown>)[name];
    else Object.defineProperty(holder, name, descriptor);
  };
}
