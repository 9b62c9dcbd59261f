/**
 * Traces: the official tracer provider.
 *
 * Layer: traces.
 */
import { createRequire } from 'node:module';
import type { Resource } from '@opentelemetry/resources';
import { type Sampler, type SpanLimits, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/config.ts';
import { guardSpans } from './guarded-span.ts';
import { createSampler } from './sampler.ts';
import type * as UndecidedCaller from './undecided-caller-sampler.ts';

const load = createRequire(import.meta.url);

/** What a tracer provider is made of. */
export interface TracesInput {
  readonly config: TracesConfig;
  readonly resource: Resource;
  /** In order: the user's own see each span before ours do. */
  readonly processors: SpanProcessor[];
  /** Replaces the configured sampler. */
  readonly sampler: Sampler | undefined;
  /** Whether a context may come from a caller that did not decide whether the trace is sampled. */
  readonly hasUndecidedCallers: boolean;
}

/** Makes the tracer provider of one run. */
export function createTraces({ config, resource, processors, ...input }: TracesInput): TracerProvider {
  const sampler = input.sampler ?? createSampler(config);
  return new GuardedTracerProvider({
    resource,
    sampler: input.hasUndecidedCallers ? decidingForCallers(sampler) : sampler,
    spanLimits: withoutUndefined(config.limits),
    spanProcessors: processors,
  });
}

function decidingForCallers(sampler: Sampler): Sampler {
  const { UndecidedCallerSampler } = load('./undecided-caller-sampler.ts') as typeof UndecidedCaller;
  return new UndecidedCallerSampler(sampler);
}

/** Guards the spans when the first tracer is taken: a program without spans does not wait for it. */
class GuardedTracerProvider extends TracerProvider {
  override getTracer(...scope: Parameters<TracerProvider['getTracer']>): ReturnType<TracerProvider['getTracer']> {
    guardSpans();
    return super.getTracer(...scope);
  }
}

/** The SDK reads a missing limit as unlimited and a present `undefined` as a value. */
function withoutUndefined(limits: TracesConfig['limits']): SpanLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}
