/**
 * Puts a guard around every part of the user's before anything sees it.
 *
 * Layer: run. Loaded when `start()` was given one; without, nothing stands in between.
 */
import type { Deadline } from '../core/deadline.ts';
import { withinDeadline } from '../core/deadline.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import { acceptLogRecordProcessors } from '../logs/user-parts.ts';
import { createPropagator } from '../traces/named-propagators.ts';
import { createSampler } from '../traces/sampler.ts';
import { acceptPropagator, acceptSampler, acceptSpanProcessors } from '../traces/user-parts.ts';
import type { Pipeline, SignalName } from './handle.ts';
import type { FlushOutcome } from './telemetry.ts';

type Pipelines = Readonly<Record<SignalName, Pipeline>>;

/** The user's parts of one run, guarded. */
export interface IsolatedParts {
  /** The options with guarded parts in place of the user's. */
  readonly options: StartOptions;
  /**
   * Pipelines whose flush also waits for the user's processors, within the same deadline. They are waited for beside
   * our destinations: one that never settles would take all their time otherwise.
   */
  alongside(pipelines: Pipelines): Pipelines;
}

/** Guards processors, sampler and propagator; readers and views are guarded where the meter provider is made. */
export function isolateParts(options: StartOptions, config: Config): IsolatedParts {
  const { spanProcessors, logRecordProcessors, sampler, propagator, ...others } = options;
  const guardedSpanProcessors = acceptSpanProcessors(spanProcessors);
  const guardedLogRecordProcessors = acceptLogRecordProcessors(logRecordProcessors);
  const guardedSampler = isGiven(sampler) ? acceptSampler(sampler, () => createSampler(config.traces)) : undefined;
  const guardedPropagator = isGiven(propagator)
    ? acceptPropagator(propagator, () => createPropagator(config))
    : undefined;
  return {
    options: {
      ...others,
      spanProcessors: guardedSpanProcessors,
      logRecordProcessors: guardedLogRecordProcessors,
      ...(guardedSampler && { sampler: guardedSampler }),
      ...(guardedPropagator && { propagator: guardedPropagator }),
    },
    alongside: ({ traces, logs, ...others }) => ({
      ...others,
      traces: flushBeside(traces, guardedSpanProcessors),
      logs: flushBeside(logs, guardedLogRecordProcessors),
    }),
  };
}

function isGiven(part: unknown): boolean {
  return part !== undefined && part !== null;
}

function flushBeside(pipeline: Pipeline, parts: readonly { flushed(): Promise<void> }[]): Pipeline {
  return {
    async flush(deadline: Deadline): Promise<FlushOutcome> {
      const outcome = await pipeline.flush(deadline);
      const { status } = await withinDeadline(Promise.all(parts.map((part) => part.flushed())), deadline);
      return outcome === 'flushed' && status === 'late' ? 'late' : outcome;
    },
    close: () => pipeline.close(),
  };
}
