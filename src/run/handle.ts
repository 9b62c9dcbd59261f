/**
 * Flush, shutdown and status of one run, under one deadline each.
 *
 * Layer: run.
 */
import { createDeadline, type Deadline, withinDeadline } from '../core/deadline.ts';
import { degradations, degrade, guard } from '../core/guard.ts';
import { noticeCounts } from '../core/notices.ts';
import type { Resolution } from '../config/config.ts';
import { redactionCounts } from '../encode/redaction.ts';
import { createIdleHandler } from '../outputs/scrape.ts';
import { describeSourceMaps } from './source-maps.ts';
import type { FlushOptions, FlushOutcome, FlushResult, Telemetry, TelemetryStatus } from './telemetry.ts';

/** One signal, as the handle sees it. */
export interface Pipeline {
  /** Hands everything queued to the destinations and waits for their answers, not longer than the deadline. */
  flush(deadline: Deadline): Promise<FlushOutcome>;
  /** Stops timers and closes sockets. */
  close(): Promise<void>;
}

/** What is flushed and closed on its own. `sentry`: errors, and what else Sentry takes beside spans. */
export type SignalName = 'traces' | 'metrics' | 'logs' | 'sentry';

/** What a handle is made of. `undefined` pipelines are off. */
export interface HandleParts {
  readonly resolution: Resolution;
  readonly pipelines: Readonly<Record<SignalName, Pipeline>>;
  readonly budgetMillis: () => number;
  readonly destinations: () => TelemetryStatus['destinations'];
  readonly tail: () => TelemetryStatus['tail'];
  readonly scrapeAddress: () => TelemetryStatus['scrape'];
  readonly instrumentations: () => TelemetryStatus['instrumentations'];
  readonly metricsHandler: Telemetry['metricsHandler'];
  /** Gives back globals, hooks and listeners; runs before the last flush. */
  readonly retire: () => void;
  /** Runs when the shutdown is over. */
  readonly finished: () => void;
}

/** Least time the user's own processors get to close, when the flush has used up the budget. */
const CLOSE_MILLIS = 100;

/** Makes the handle of a run. */
export function createHandle(parts: HandleParts): Telemetry {
  const startBudget = (options?: FlushOptions): Deadline =>
    createDeadline(guard('flush.options', () => validBudget(options), undefined) ?? parts.budgetMillis());
  let shutdown: Promise<FlushResult> | undefined;
  const stop = async (options?: FlushOptions): Promise<FlushResult> => {
    const deadline = startBudget(options);
    parts.retire();
    const result = await flushAll(parts.pipelines, deadline);
    const closed = Promise.allSettled(Object.values(parts.pipelines).map((pipeline) => pipeline.close()));
    await withinDeadline(closed, createDeadline(Math.max(deadline.remainingMillis(), CLOSE_MILLIS)));
    parts.finished();
    return result;
  };
  return {
    forceFlush: (options) => shutdown ?? flushAll(parts.pipelines, startBudget(options)),
    shutdown: (options) => (shutdown ??= stop(options)),
    metricsHandler: parts.metricsHandler,
    status: () => ({
      state: shutdown === undefined ? 'running' : 'shut down',
      destinations: parts.destinations(),
      tail: parts.tail(),
      scrape: parts.scrapeAddress(),
      instrumentations: parts.instrumentations(),
      ...describeRun(parts.resolution),
    }),
    async [Symbol.asyncDispose]() {
      await (shutdown ??= stop());
    },
  };
}

/** The handle of a program whose telemetry is disabled or could not start. */
export function createIdleHandle(resolution: Resolution | undefined): Telemetry {
  const nothing: FlushResult = {
    ok: true,
    traces: 'off',
    metrics: 'off',
    logs: 'off',
    sentry: 'off',
    elapsedMillis: 0,
  };
  return {
    forceFlush: () => Promise.resolve(nothing),
    shutdown: () => Promise.resolve(nothing),
    metricsHandler: createIdleHandler(),
    status: () => ({
      state: 'off',
      destinations: [],
      tail: undefined,
      scrape: undefined,
      instrumentations: [],
      ...describeRun(resolution),
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function flushAll(pipelines: HandleParts['pipelines'], deadline: Deadline): Promise<FlushResult> {
  const startedAt = performance.now();
  const [traces, metrics, logs, sentry] = await Promise.all([
    flushOne('traces', pipelines.traces, deadline),
    flushOne('metrics', pipelines.metrics, deadline),
    flushOne('logs', pipelines.logs, deadline),
    flushOne('sentry', pipelines.sentry, deadline),
  ]);
  const ok = [traces, metrics, logs, sentry].every((outcome) => outcome === 'flushed');
  return { ok, traces, metrics, logs, sentry, elapsedMillis: performance.now() - startedAt };
}

async function flushOne(signal: string, pipeline: Pipeline, deadline: Deadline): Promise<FlushOutcome> {
  const raced = await withinDeadline(pipeline.flush(deadline), deadline);
  if (raced.status === 'done') return raced.value;
  if (raced.status === 'late') return 'late';
  degrade(`${signal}.flush`, raced.cause);
  return 'failed';
}

/** Longest delay a timer of Node.js takes; a longer one would fire at once. */
const MAX_TIMER_MILLIS = 2 ** 31 - 1;

function validBudget(options: FlushOptions | undefined): number | undefined {
  const timeoutMillis: unknown = options?.timeoutMillis;
  return typeof timeoutMillis === 'number' && timeoutMillis >= 0
    ? Math.min(timeoutMillis, MAX_TIMER_MILLIS)
    : undefined;
}

function describeRun(
  resolution: Resolution | undefined,
): Pick<TelemetryStatus, 'configuration' | 'issues' | 'notices' | 'redactions' | 'sourceMaps' | 'degraded'> {
  return {
    configuration: resolution?.settings ?? [],
    issues: resolution?.issues ?? [],
    notices: noticeCounts(),
    redactions: redactionCounts(),
    sourceMaps: describeSourceMaps(),
    degraded: degradations(),
  };
}
