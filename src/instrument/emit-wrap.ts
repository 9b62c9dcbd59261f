/**
 * Stands in front of an object's `emit`, so that whoever wraps it before or after us keeps working.
 *
 * Layer: instrument.
 */

/** `EventEmitter.prototype.emit`, as far as a wrap cares. */
export type Emit = (this: object, event: string | symbol, ...args: unknown[]) => boolean;

/** Anything that has, or inherits, an `emit`. */
export interface Emitting {
  emit: Emit;
}

/**
 * Replaces `holder.emit` by what `wrap` makes of it.
 *
 * @param holder - a prototype, or one emitter
 * @returns a function that takes the wrap away, unless somebody has wrapped it meanwhile
 */
export function wrapEmit(holder: Emitting, wrap: (original: Emit) => Emit): () => void {
  const inherited = !Object.hasOwn(holder, 'emit');
  const original = holder.emit;
  const wrapped = wrap(original);
  define(holder, wrapped);
  return () => {
    if (holder.emit !== wrapped) return;
    if (inherited) delete (holder as Partial<Emitting>).emit;
    else define(holder, original);
  };
}

/** Not enumerable, so that loops over an emitter's properties see what they always saw. */
function define(holder: Emitting, emit: Emit): void {
  Object.defineProperty(holder, 'emit', { value: emit, writable: true, configurable: true, enumerable: false });
}

/** Calls an `emit` with all arguments it was called with. For `context.with`, which passes arguments on. */
export function callEmit(emit: Emit, emitter: object, args: IArguments): boolean {
  return emit.apply(emitter, args as unknown as Parameters<Emit>);
}
