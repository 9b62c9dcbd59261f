/**
 * Sends what is left when the process ends, whichever way it ends, and leaves code, signal and stack as they were.
 *
 * The natural end is drained on the event loop; `process.exit()`, crashes and rejections leave no event loop, so a
 * worker thread sends while the exit waits. Signals: `signals.ts`.
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { guard, guardAsync } from '../core/guard.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type * as ExitWorker from '../delivery/exit-worker.ts';
import { type Loss, NO_LOSS, tellLosses } from './losses.ts';
import { installSignalHooks } from './signals.ts';

const load = createRequire(import.meta.url);

/** How long an end may take. */
export interface ExitBudgets {
  /** Of `process.exit()` and crashes, in milliseconds. DESIGN D7: 400, unless configured. */
  readonly exitMillis: number;
  /** Of signals, in milliseconds, asked when one arrives. DESIGN D7: 5000 in a server, else 1000, unless configured. */
  readonly signalMillis: () => number;
}

/** What the hooks need of a run. */
export interface ExitHooksInput {
  /** Everything not yet accepted, as ready requests; synchronous. Each must be settled. */
  readonly sealed: () => readonly ExitRequest[];
  /** Whether anything is unsent; cheap, asked for each item. */
  readonly pending: () => boolean;
  /** Sends on the event loop within the budget of the process. */
  readonly drain: () => Promise<unknown>;
  /** What was lost before the end and not told. Default: nothing. */
  readonly untold?: () => Loss;
  readonly budgets: ExitBudgets;
  /** `off`: by DUOTEL_SIGNALS, and in worker threads, which get no signals. */
  readonly signals: 'on' | 'off';
}

export interface ExitHooks {
  /** Says that {@link ExitHooksInput.pending} may have changed: call after an item was queued and after a delivery. */
  notePending(): void;
  /** Ends the work of the hooks; all listeners are gone a turn of the event loop later. */
  remove(): void;
}

/** Installs the listeners of one run. */
export function installExitHooks(input: ExitHooksInput): ExitHooks {
  const ends = new Ends(input);
  const signals = input.signals === 'on' ? installSignalHooks(signalInput(input)) : undefined;
  process.on('beforeExit', ends.onBeforeExit);
  process.on('exit', ends.onExit);
  return {
    notePending: () => signals?.reconsider(),
    remove() {
      process.off('beforeExit', ends.onBeforeExit);
      process.off('exit', ends.onExit);
      signals?.remove();
    },
  };
}

class Ends {
  readonly #input: ExitHooksInput;
  /** `failed`: the destinations had their time on the event loop, and another wait would only make the exit late. */
  #drain: 'untried' | 'running' | 'done' | 'failed' = 'untried';

  constructor(input: ExitHooksInput) {
    this.#input = input;
  }

  readonly onBeforeExit = (): void => {
    // Work in 'beforeExit' makes it come again: with other listeners there, they would run twice because of us.
    if (this.#drain !== 'untried' || process.listenerCount('beforeExit') > 1 || !this.#isPending()) return;
    this.#drain = 'running';
    void guardAsync('exit.drain', this.#input.drain, undefined).then(() => {
      this.#drain = this.#isPending() ? 'failed' : 'done';
    });
  };

  readonly onExit = (): void => {
    guard(
      'exit',
      () => {
        if (this.#drain === 'failed') giveUp(this.#input);
        else sendNow(this.#input);
      },
      undefined,
    );
  };

  #isPending(): boolean {
    return guard('exit.pending', this.#input.pending, false);
  }
}

function signalInput(input: ExitHooksInput): Parameters<typeof installSignalHooks>[0] {
  return {
    pending: input.pending,
    drain: input.drain,
    budgetMillis: input.budgets.signalMillis,
    sendNow: () => sendNow(input),
    giveUp: () => giveUp(input),
  };
}

/** Sends everything while this thread waits, and tells what was lost. */
function sendNow(input: ExitHooksInput): void {
  finish(input, (requests) => exitWorker().sendAtExit(requests, input.budgets.exitMillis));
}

/** Counts everything as lost, and tells it. */
function giveUp(input: ExitHooksInput): void {
  finish(input, (requests) => exitWorker().dropAll(requests, 'not accepted within the time a program may take to end'));
}

function finish({ pending, sealed, untold }: ExitHooksInput, end: (requests: readonly ExitRequest[]) => Loss): void {
  const requests = pending() ? sealed() : [];
  // Before the requests are settled: from then on their losses are in the ledger too.
  const earlier = untold?.() ?? NO_LOSS;
  tellLosses(requests.length === 0 ? NO_LOSS : end(requests), earlier);
}

function exitWorker(): typeof ExitWorker {
  return load('../delivery/exit-worker.ts') as typeof ExitWorker;
}
