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
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpSpanProcessor } from '../outputs/otlp.ts';
import { createTail } from '../traces/tail.ts';
import type { TailBuffer } from '../traces/tail-buffer.ts';
import { createPipeline, flushMade, type PipelinesInput, type SignalPipeline } from './signal-pipeline.ts';
import type * as Sdk from './sdk.ts';

const load = createRequire(import.meta.url);

export interface TracesPipeline extends SignalPipeline<TracerProvider> {
  readonly tail: TailBuffer | undefined;
}

export function createTracesPipeline({ config, options, resource, onPending }: PipelinesInput): TracesPipeline {
  const { batch: limits, console, sampling } = config.traces;
  const destinations = destinationsOf(config.traces);
  const sending = destinations.length === 0 ? undefined : new OtlpSpanProcessor({ destinations, limits, onPending });
  const ours = [sending, console ? createPrinter() : undefined].filter(isPresent);
  const tail = createTail({ policy: sampling.tail, next: ours, onPending });
  const { spanProcessors = [], sampler } = options;
  const sdk = once(() => {
    const { createTraces } = load('./sdk.ts') as typeof Sdk;
    const processors = [...spanProcessors, ...(tail === undefined ? ours : [tail])];
    return createTraces({ config: config.traces, resource: resource(), processors, sampler });
  });
  // Processors of the user's are told of flush and shutdown, spans or not.
  if (spanProcessors.length > 0) sdk.get();
  const outputs = sending?.outputs ?? [];
  return {
    provider: { getTracer: (...scope) => sdk.get().getTracer(...scope) },
    outputs,
    pipeline: createPipeline(flushMade(sdk), outputs),
    tail,
  };
}

function createPrinter(): ReturnType<typeof ConsoleOutputs.createConsoleSpanProcessor> {
  return (load('../outputs/console.ts') as typeof ConsoleOutputs).createConsoleSpanProcessor();
}
