/**
 * Traces of one run: provider in front; sampling, and destinations, Sentry among them, behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';
import { isPresent } from '../core/is-present.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpSpanProcessor } from '../outputs/otlp.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import type * as SentrySpansModule from '../sentry/spans.ts';
import { continuesUndecided } from '../traces/propagators.ts';
import { createTraces } from '../traces/provider.ts';
import { createTail } from '../traces/tail.ts';
import type { TailBuffer } from '../traces/tail-buffer.ts';
import { collect, type Made, type PipelinesInput } from './made-pipeline.ts';

const load = createRequire(import.meta.url);

export interface MadeTraces extends Made<TracerProvider> {
  readonly tail: TailBuffer | undefined;
  /** Ends all waiting for the end of traces. */
  readonly decideAll: () => void;
}

/** Makes sampler, provider and destinations of spans. */
export function createTracesPipeline(
  { config, options, resource, onPending }: PipelinesInput,
  feed: SentryFeed | undefined,
): MadeTraces {
  const { batch: limits, console } = config.traces;
  const sentry = config.sentry && sentrySpans().createSentrySpans(config.sentry);
  const destinations = [...destinationsOf(config.traces), sentry?.destination].filter(isPresent);
  const sending =
    destinations.length === 0 ? undefined : new OtlpSpanProcessor({ destinations, limits, onPending }, sentry);
  const printer = console ? consoleOutputs().createConsoleSpanProcessor() : undefined;
  const ours = [sending, feed?.createTransactions(), printer].filter(isPresent);
  const tail = createTail({ policy: config.traces.sampling.tail, next: ours, onPending });
  const provider = createTraces({
    config: config.traces,
    resource,
    processors: [...(options.spanProcessors ?? []), ...(tail === undefined ? ours : [tail])],
    sampler: options.sampler,
    hasUndecidedCallers: continuesUndecided(config),
  });
  return {
    ...collect(provider, sending?.outputs ?? []),
    tail,
    decideAll: () => {
      tail?.decideAll();
      sentry?.decideAll();
    },
  };
}

function sentrySpans(): typeof SentrySpansModule {
  return load('../sentry/spans.ts') as typeof SentrySpansModule;
}

function consoleOutputs(): typeof ConsoleOutputs {
  return load('../outputs/console.ts') as typeof ConsoleOutputs;
}
