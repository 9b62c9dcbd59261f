/**
 * Sentry of one run: errors in front, its envelopes behind.
 *
 * Layer: run.
 */
import type { OtlpOutput } from '../outputs/otlp-output.ts';
import { Sentry } from '../sentry/sentry.ts';
import { runningCapture } from './current-run.ts';
import type { PipelinesInput } from './signal-pipeline.ts';

export interface SentryPipeline {
  readonly outputs: readonly OtlpOutput[];
  /** In the form of a provider of the SDK. */
  readonly sdk: { forceFlush(): Promise<void>; shutdown(): Promise<void> };
  /** Queues what is still on its way to the outputs; synchronous. Never throws. */
  readonly gather: () => void;
  /** Whether anything is on its way to the outputs. Cheap. */
  readonly isHolding: () => boolean;
}

/** Without a DSN there are no outputs, but an application's own Sentry is joined all the same. */
export function createSentryPipeline({ config, resource, facts, onPending }: PipelinesInput): SentryPipeline {
  const sentry = new Sentry({
    config: config.sentry,
    resource: () => resource().attributes,
    mainScript: facts.mainScript,
    capture: (error) => runningCapture()?.(error),
    onPending,
  });
  const { outputs } = sentry;
  const gather = (): void => sentry.gather();
  return {
    outputs,
    sdk: { forceFlush: async () => gather(), shutdown: async () => sentry.stop() },
    gather,
    isHolding: () => sentry.isHolding,
  };
}
