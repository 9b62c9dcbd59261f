/**
 * Sentry of one run: errors in front, its envelopes behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { guard } from '../core/guard.ts';
import type { DestinationOutput } from '../outputs/destination-output.ts';
import type * as SentryFeedModule from '../sentry/feed.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import { Sentry } from '../sentry/sentry.ts';
import { runningCapture } from './current-run.ts';
import type { PipelinesInput } from './signal-pipeline.ts';

const load = createRequire(import.meta.url);

export interface SentryPipeline {
  /** For what is no error; `undefined` without a DSN. */
  readonly feed: SentryFeed | undefined;
  readonly outputs: readonly DestinationOutput[];
  /** In the form of a provider of the SDK. */
  readonly sdk: { forceFlush(): Promise<void>; shutdown(): Promise<void> };
  /** Queues what is still on its way to the outputs; synchronous. Never throws. */
  readonly gather: () => void;
  /** Whether anything is on its way to the outputs. Cheap. */
  readonly isHolding: () => boolean;
}

/** Without a DSN there are no outputs, but an application's own Sentry is joined all the same. */
export function createSentryPipeline({ config, options, resource, facts, onPending }: PipelinesInput): SentryPipeline {
  const sentry = new Sentry({
    config: config.sentry,
    resource: () => resource().attributes,
    mainScript: facts.mainScript,
    capture: (error) => runningCapture()?.(error),
    beforeSend: guard('errors.options', () => options.errors?.beforeSend, undefined),
    onPending,
  });
  const { outputs } = sentry;
  const feed = createFeed({ config, resource, onPending }, sentry);
  const gather = (): void => {
    sentry.gather();
    feed?.flush();
  };
  return {
    feed,
    outputs,
    sdk: { forceFlush: async () => gather(), shutdown: async () => sentry.stop() },
    gather,
    isHolding: () => sentry.isHolding || feed?.isWaiting === true,
  };
}

function createFeed(
  { config: { sentry: config }, resource, onPending }: Pick<PipelinesInput, 'config' | 'resource' | 'onPending'>,
  { output }: Sentry,
): SentryFeed | undefined {
  if (config === undefined || output === undefined) return undefined;
  const { SentryFeed } = load('../sentry/feed.ts') as typeof SentryFeedModule;
  return new SentryFeed({ config, resource: () => resource().attributes, output, onPending });
}
