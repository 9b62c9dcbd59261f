/**
 * A signal of one run: its provider, its outputs, and how it is flushed and closed.
 *
 * Layer: run.
 */
import type { Resource } from '@opentelemetry/resources';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import { type Deadline, withinDeadline } from '../core/deadline.ts';
import type { OtlpOutput } from '../outputs/otlp-output.ts';
import type { Pipeline } from './handle.ts';
import type { FlushOutcome } from './telemetry.ts';

/** What the pipelines are made from. */
export interface PipelinesInput {
  readonly config: Config;
  readonly options: StartOptions;
  readonly resource: Resource;
  readonly facts: ProcessFacts;
  /** Called when `pending()` may have changed. */
  readonly onPending: () => void;
}

/** One signal, made. */
export interface Made<P> {
  readonly provider: P;
  readonly outputs: readonly OtlpOutput[];
  readonly pipeline: Pipeline;
}

/** What the providers of the SDK have in common. */
export interface Flushable {
  forceFlush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
}

/** A signal whose provider and outputs are all there is. */
export function collect<P extends Flushable>(provider: P, outputs: readonly OtlpOutput[]): Made<P> {
  return { provider, outputs, pipeline: createPipeline(provider, outputs) };
}

/** Flushes and closes a signal within deadlines. */
export function createPipeline(provider: Flushable, outputs: readonly OtlpOutput[]): Pipeline {
  return {
    async flush(deadline: Deadline): Promise<FlushOutcome> {
      await withinDeadline(provider.forceFlush(), deadline);
      const drained = await Promise.all(outputs.map((output) => output.drain(deadline)));
      const statuses = drained.map(({ status }) => status);
      if (statuses.includes('stuck')) return 'failed';
      return statuses.includes('late') ? 'late' : 'flushed';
    },
    async close(): Promise<void> {
      for (const output of outputs) output.close();
      await provider.shutdown();
    },
  };
}
