/**
 * Spans of one run: the official provider, the user's processors, tail sampling, destinations.
 *
 * The provider is loaded with the first tracer that makes a span.
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';
import { isPresent } from '../core/is-present.ts';
import { once } from '../core/once.ts';
import type { Config } from '../config/config.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpSpanProcessor } from '../outputs/otlp.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import type * as SentrySpansModule from '../sentry/spans.ts';
import { createTail } from '../traces/tail.ts';
import type { TailBuffer } from '../traces/tail-buffer.ts';
import { createPipeline, flushMade, type PipelinesInput, type SignalPipeline } from './signal-pipeline.ts';
import type * as Sdk from './sdk.ts';

const load = createRequire(import.meta.url);

/** Whether callers may be continued that did not decide whether their trace is sampled. */
function continuesUndecided({ propagators }: Pick<Config, 'propagators'>): boolean {
  return propagators.includes('sentry') || propagators.includes('sentry-incoming');
}

export interface TracesPipeline extends SignalPipeline<TracerProvider> {
  readonly tail: TailBuffer | undefined;
  /** Ends all waiting for the end of traces. */
  readonly decideAll: () => void;
}

/** @param feed - takes spans as transactions, if that is asked for */
export function createTracesPipeline(
  { config, options, resource, onPending }: PipelinesInput,
  feed: SentryFeed | undefined,
): TracesPipeline {
  const { batch: limits, console, sampling } = config.traces;
  const sentry = config.sentry && sentrySpans().createSentrySpans(config.sentry);
  const destinations = [...destinationsOf(config.traces), sentry?.destination].filter(isPresent);
  const sending =
    destinations.length === 0 ? undefined : new OtlpSpanProcessor({ destinations, limits, onPending }, sentry);
  const ours = [sending, feed?.createTransactions(), console ? createPrinter() : undefined].filter(isPresent);
  const tail = createTail({ policy: sampling.tail, next: ours, onPending });
  const { spanProcessors = [], sampler } = options;
  const sdk = once(() => {
    const { createTraces } = load('./sdk.ts') as typeof Sdk;
    const processors = [...spanProcessors, ...(tail === undefined ? ours : [tail])];
    return createTraces({
      config: config.traces,
      resource: resource(),
      processors,
      sampler,
      hasUndecidedCallers: continuesUndecided(config),
    });
  });
  // Processors of the user's are told of flush and shutdown, spans or not.
  if (spanProcessors.length > 0) sdk.get();
  const outputs = sending?.outputs ?? [];
  return {
    provider: { getTracer: (...scope) => sdk.get().getTracer(...scope) },
    outputs,
    pipeline: createPipeline(flushMade(sdk), outputs),
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

function createPrinter(): ReturnType<typeof ConsoleOutputs.createConsoleSpanProcessor> {
  return (load('../outputs/console.ts') as typeof ConsoleOutputs).createConsoleSpanProcessor();
}
