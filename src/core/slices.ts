/**
 * Work in small steps, which either runs at once, as in an exit handler, or lets the event loop run in between.
 *
 * Layer: core.
 */

/** Longest time a slice holds the event loop: a third of what people see as a hitch. */
const SLICE_MILLIS = 8;

/** Work that may be interrupted at each `yield`; a step should take well below a millisecond. */
export type Steps<T> = Generator<void, T>;

export function runAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Gives the event loop a turn after each slice.
 *
 * @param sliceMillis - longest time of a slice; 0 = one step
 */
export async function runInSlices<T>(steps: Steps<T>, sliceMillis: number = SLICE_MILLIS): Promise<T> {
  for (;;) {
    const until = performance.now() + sliceMillis;
    let step = steps.next();
    while (step.done !== true && performance.now() < until) step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
