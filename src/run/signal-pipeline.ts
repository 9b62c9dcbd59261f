/**
 * What the pipelines of the three signals have in common.
 *
 * Layer: run.
 */
import type { Resource } from '@opentelemetry/resources';
import { type Deadline, withinDeadline } from '../core/deadline.ts';
import type { Once } from '../core/once.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type { DestinationOutput } from '../outputs/destination-output.ts';
import type { Pipeline } from './handle.ts';
import type { FlushOutcome } from './telemetry.ts';

/** What the pipelines are made from. */
export interface PipelinesInput {
  readonly config: Config;
  /** The user's parts in it are guarded. */
  readonly options: StartOptions;
  readonly resource: () => Resource;
  readonly facts: ProcessFacts;
  /** Called when `pending()` may have changed. */
  readonly onPending: () => void;
}

/** One signal: a provider in front, destinations behind. */
export interface SignalPipeline<P> {
  readonly provider: P;
  readonly outputs: readonly DestinationOutput[];
  readonly pipeline: Pipeline;
}

/** What the providers of the SDK have in common. */
export interface Flushable {
  forceFlush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
}

/** Flushes the provider, then what its outputs hold. */
export function createPipeline(provider: Flushable, outputs: readonly DestinationOutput[]): Pipeline {
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

/** A provider that is made when it is needed: until then there is nothing to flush. */
export function flushMade(provider: Pick<Once<Flushable>, 'made'>): Flushable {
  return {
    forceFlush: async () => provider.made?.forceFlush(),
    shutdown: async () => provider.made?.shutdown(),
  };
}
