/**
 * Sends what is left when the program ends by itself.
 *
 * Layer: run. Signals, `process.exit()` and crashes are not handled here yet: docs/explanation/architecture.md.
 */

/** Drains at the natural end of the program; returns a function that takes the hook away. */
export function drainAtNaturalEnd(drain: () => Promise<unknown>): () => void {
  const onBeforeExit = (): void => {
    void drain();
  };
  // Once: 'beforeExit' comes again after every drain.
  process.once('beforeExit', onBeforeExit);
  return () => process.off('beforeExit', onBeforeExit);
}
