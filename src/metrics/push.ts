/**
 * Pushes a snapshot of all metrics at an interval.
 *
 * Holds no queue and knows no protocol: delivery keeps and repeats what cannot be sent at once.
 * Layer: metrics. `push` comes from `outputs/`.
 */
import type { CollectionResult, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';

/** Hands a snapshot over for delivery; settles when that is done or given up. */
export type PushMetrics = (metrics: ResourceMetrics) => Promise<unknown>;

/** `flush`: somebody asked for it, as at the end of a process. */
export type PushOccasion = 'interval' | 'flush';

export interface PushLoopOptions {
  readonly snapshot: (occasion: PushOccasion) => Promise<CollectionResult>;
  readonly push: PushMetrics;
  /** Whether a snapshot is of any use, asked before each. Default: yes. */
  readonly isWanted?: () => boolean;
  readonly intervalMillis: number;
  /** Longest time one push, snapshot included, may hold up the next; it is not aborted, only no longer waited for. */
  readonly timeoutMillis: number;
  /** 0 to below 1; spreads the first push of many processes started together. */
  readonly random?: () => number;
}

/** A running push loop. No method throws or rejects. */
export interface PushLoop {
  /** Pushes what is recorded until now; asking again before it began shares the same push. */
  flush(): Promise<void>;
  /** Ends the loop; a push in flight goes on. */
  stop(): void;
}

/** Starts pushing: the first time after a random part of the interval, then every interval. Never holds the process. */
export function startPushLoop(options: PushLoopOptions): PushLoop {
  const { intervalMillis, random = Math.random } = options;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let stopped = false;

  const run = (occasion: PushOccasion): Promise<void> => {
    running = pushOnce(options, occasion).finally(() => {
      running = undefined;
    });
    return running;
  };
  const flush = (): Promise<void> => {
    if (running === undefined) return run('flush');
    // The snapshot in flight may be older than what was recorded since, so one more follows it.
    queued ??= running.then(() => {
      queued = undefined;
      return run('flush');
    });
    return queued;
  };

  // Each tick plans the next one; a push that outlasts the interval makes the loop skip, never pile up.
  const tick = (): void => {
    if (running === undefined) void run('interval');
    plan(intervalMillis);
  };
  let timer: NodeJS.Timeout | undefined;
  const plan = (delayMillis: number): void => {
    if (!stopped) timer = setTimeout(tick, delayMillis).unref();
  };
  plan(intervalMillis * random());

  return {
    flush,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function pushOnce(options: PushLoopOptions, occasion: PushOccasion): Promise<void> {
  try {
    await settledOrLate(sendSnapshot(options, occasion), options.timeoutMillis);
  } catch (cause) {
    degrade('metrics.push', cause);
  }
}

async function sendSnapshot({ snapshot, push, isWanted }: PushLoopOptions, occasion: PushOccasion): Promise<void> {
  if (isWanted?.() === false) return;
  const { resourceMetrics } = await snapshot(occasion);
  if (resourceMetrics.scopeMetrics.length > 0) await push(resourceMetrics);
}

/** Like `withinDeadline()`, but its timer does not hold the process: a push in the background never does. */
async function settledOrLate(work: Promise<unknown>, timeoutMillis: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      degrade('metrics.push', new Error(`no outcome within ${timeoutMillis} ms`));
      resolve();
    }, timeoutMillis).unref();
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
