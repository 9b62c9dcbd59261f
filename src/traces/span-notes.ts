/**
 * One note on each of some spans, for as long as the span lives.
 *
 * A property of the span, under a symbol nobody else has: with a `WeakMap` the garbage collector spends several times as
 * long on the entries as everything else that is done with a span at its start and end.
 * Layer: traces.
 */

export class SpanNotes<Note> {
  readonly #key = Symbol('duotel.note');

  /** The note on a span; `undefined` if there is none, or no way to read it. Never throws. */
  get(span: object): Note | undefined {
    try {
      return (span as Record<symbol, Note | undefined>)[this.#key];
    } catch {
      return undefined;
    }
  }

  /** Leaves a note; a span that takes none has none. Never throws. */
  set(span: object, note: Note): void {
    try {
      (span as Record<symbol, Note | undefined>)[this.#key] = note;
    } catch {
      // Frozen: it is as if it had not been seen to start.
    }
  }
}
