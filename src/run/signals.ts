/**
 * Sends what is queued when a signal arrives, and leaves what the signal does to the process as it was.
 *
 * Any JavaScript listener takes the default action away, so ours exists only while something is unsent, leaves as soon
 * as a signal arrives, and raises the signal again unless a listener of the host took part.
 * Layer: run.
 */
import { createDeadline, withinDeadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';

/** What the signal hooks need of a run. */
export interface SignalHooksInput {
  readonly pending: () => boolean;
  readonly drain: () => Promise<unknown>;
  /** Longest time between a signal and its effect. */
  readonly budgetMillis: () => number;
  /** Sends while this thread waits. */
  readonly sendNow: () => void;
  /** Counts what is left as lost, and tells what was lost; also called when nothing is left. */
  readonly giveUp: () => void;
}

export interface SignalHooks {
  /** Installs or removes the listeners, depending on whether anything is unsent. */
  reconsider(): void;
  /** Ends the work of the hooks; the listeners leave in this turn of the event loop. */
  remove(): void;
}

/** How long listeners stay after the last item was delivered: the next one may be near. */
const LINGER_MILLIS = 100;
/** How busy a turn of the event loop may be in which listeners leave. */
const QUIET_TURN_MILLIS = 1;

/** The signals that end a process and can be listened to. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type EndSignal = (typeof SIGNALS)[number];

/** Makes the hooks; listeners come with the first unsent item. */
export function installSignalHooks(input: SignalHooksInput): SignalHooks {
  const hooks = new ArmedWhilePending(input);
  hooks.reconsider();
  return hooks;
}

class ArmedWhilePending implements SignalHooks {
  readonly #input: SignalHooksInput;
  #state: 'idle' | 'armed' | 'flushing' | 'removed' = 'idle';
  #leaving: NodeJS.Timeout | undefined;
  /** Listeners of the host that this very signal has run, and removed, before ours: `once()`, prepended. */
  readonly #ranBefore: Record<EndSignal, number> = { SIGTERM: 0, SIGINT: 0, SIGHUP: 0 };

  constructor(input: SignalHooksInput) {
    this.#input = input;
  }

  reconsider(): void {
    if (this.#state !== 'idle' && this.#state !== 'armed') return;
    const isPending = guard('signals.pending', this.#input.pending, false);
    if (isPending && this.#state === 'idle') this.#arm();
    else if (!isPending && this.#state === 'armed') this.#leaveSoon();
  }

  remove(): void {
    this.#state = 'removed';
    clearTimeout(this.#leaving);
    setImmediate(() => this.#disarm());
  }

  /**
   * A signal that has arrived but is not dispatched yet is lost when its listener leaves: the process would ignore it.
   * So listeners leave right after the event loop has looked for signals, in a turn that has hardly taken any time.
   */
  #leaveSoon(): void {
    this.#leaving ??= setTimeout(() => {
      const turnedAt = performance.now();
      setImmediate(() => {
        this.#leaving = undefined;
        if (this.#state !== 'armed' || guard('signals.pending', this.#input.pending, true)) return;
        if (performance.now() - turnedAt < QUIET_TURN_MILLIS) this.#disarm();
        else this.#leaveSoon();
      });
    }, LINGER_MILLIS).unref();
  }

  #arm(): void {
    this.#state = 'armed';
    process.on('removeListener', this.#onRemoveListener);
    // In front: signal-exit raises the signal again only if it finds itself alone, so ours must have left by then.
    for (const signal of SIGNALS) process.prependListener(signal, this.#onSignal);
  }

  #disarm(): void {
    process.off('removeListener', this.#onRemoveListener);
    // All at once: a second signal of any kind has its default action.
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    if (this.#state === 'armed') this.#state = 'idle';
  }

  readonly #onRemoveListener = (event: string | symbol): void => {
    if (!isEndSignal(event)) return;
    // Until the current call from the event loop is over. A later one must not find it: the signal would have no effect.
    this.#ranBefore[event] += 1;
    void Promise.resolve().then(() => (this.#ranBefore[event] -= 1));
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (!isEndSignal(signal)) return;
    const wasPending = this.#state === 'armed' && guard('signals.pending', this.#input.pending, false);
    this.#disarm();
    const exiters = signalExitCount();
    const hosts = process.listenerCount(signal) - exiters;
    if (hosts > 0 || this.#ranBefore[signal] > 0) {
      if (wasPending) void this.#flush();
    } else if (exiters > 0) this.#yieldToSignalExit(signal, wasPending);
    else void this.#flushAndRaise(signal, wasPending);
  };

  /** The host decides what the signal does. */
  async #flush(): Promise<void> {
    this.#state = 'flushing';
    await withinDeadline(guardedDrain(this.#input.drain), createDeadline(this.#input.budgetMillis()));
    if (this.#state !== 'flushing') return;
    this.#state = 'idle';
    this.reconsider();
  }

  async #flushAndRaise(signal: EndSignal, wasPending: boolean): Promise<void> {
    if (wasPending) await this.#flush();
    this.#disarm();
    if (this.#state !== 'removed' && isDeadly(signal)) this.#unarmed('signals.loss', this.#input.giveUp);
    // Also when a listener was added meanwhile: it gets the signal. Not raising it would make the process hang.
    process.kill(process.pid, signal);
    // Only a process that survived gets here.
    this.reconsider();
  }

  /** Sealing queues items, which must not bring our listeners back now: the signal that ends the process is next. */
  #unarmed(site: string, work: () => void): void {
    const before = this.#state;
    this.#state = 'flushing';
    guard(site, work, undefined);
    if (this.#state === 'flushing') this.#state = before;
  }

  /** signal-exit raises the signal again in this very call, so everything has to be sent before it returns. */
  #yieldToSignalExit(signal: EndSignal, wasPending: boolean): void {
    if (wasPending) this.#unarmed('signals.send', this.#input.sendNow);
    const left = process.listenerCount(signal);
    if (left === 0) process.kill(process.pid, signal);
    // Its listeners are still there afterwards only if they ran before ours had left, and stood back.
    else setImmediate(() => process.listenerCount(signal) === left && process.kill(process.pid, signal));
  }
}

/** Whether a signal ends this process: to PID 1 the kernel gives none that nobody listens to. */
function isDeadly(signal: EndSignal): boolean {
  return process.pid !== 1 && process.listenerCount(signal) === 0;
}

function isEndSignal(event: string | symbol): event is EndSignal {
  return (SIGNALS as readonly (string | symbol)[]).includes(event);
}

async function guardedDrain(drain: () => Promise<unknown>): Promise<unknown> {
  return drain();
}

/** Listeners that signal-exit 4 and 3 have for each signal; several copies share the count. */
function signalExitCount(): number {
  const version4 = (globalThis as Record<symbol, unknown>)[Symbol.for('signal-exit emitter')];
  const version3 = (process as unknown as Record<string, unknown>)['__signal_exit_emitter__'];
  return countOf(version4) + countOf(version3);
}

function countOf(emitter: unknown): number {
  const count = (emitter as { readonly count?: unknown } | undefined)?.count;
  return typeof count === 'number' ? count : 0;
}
