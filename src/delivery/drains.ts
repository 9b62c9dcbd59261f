/**
 * Drains of one destination that wait for their end.
 *
 * Layer: delivery.
 */
import { type Deadline, withinDeadline } from '../core/deadline.ts';

/** `stuck`: the destination is in a state that more time would not change. */
export type DrainStatus = 'empty' | 'stuck' | 'late';

interface Drain {
  readonly deadline: Deadline;
  readonly end: (status: DrainStatus) => void;
}

export class Drains {
  readonly #waiting = new Set<Drain>();

  get isAny(): boolean {
    return this.#waiting.size > 0;
  }

  /** Waits until one of the methods below ends it, or the deadline. */
  async wait(deadline: Deadline): Promise<DrainStatus> {
    const ended = new Promise<DrainStatus>((end) => {
      const drain: Drain = {
        deadline,
        end: (status) => {
          this.#waiting.delete(drain);
          end(status);
        },
      };
      this.#waiting.add(drain);
    });
    const raced = await withinDeadline(ended, deadline);
    this.endWithin(0);
    return raced.status === 'done' ? raced.value : 'late';
  }

  /** Nothing is left to be sent. */
  endEmpty(): void {
    for (const { end } of this.#waiting) end('empty');
  }

  /** Ends those whose deadline comes before `delayMillis` is over: waiting for it would achieve nothing. */
  endWithin(delayMillis: number): void {
    for (const { deadline, end } of this.#waiting) if (deadline.remainingMillis() <= delayMillis) end('stuck');
  }
}
