/**
 * The sampler of the configuration.
 *
 * Layer: traces. Names and defaults: OpenTelemetry environment variable specification, `OTEL_TRACES_SAMPLER`.
 */
import { createRequire } from 'node:module';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/config.ts';
import type * as localRootSamplerModule from './local-root-sampler.ts';

const load = createRequire(import.meta.url);

/** What the sampler is made from. */
export type SamplerConfig = Pick<TracesConfig, 'sampler' | 'sampling'>;

/** Makes the official sampler the configuration names, behind its rules and its rate limit if there are any. */
export function createSampler({ sampler: { name, ratio }, sampling }: SamplerConfig): Sampler {
  const isParentBased = name.startsWith('parentbased_');
  const root = rootSampler(name, ratio);
  const named = isParentBased ? new ParentBasedSampler({ root }) : root;
  if (sampling.rules.length === 0 && sampling.tracesPerSecond === undefined) return named;
  const { LocalRootSampler } = load('./local-root-sampler.ts') as typeof localRootSamplerModule;
  return new LocalRootSampler({ ...sampling, otherwise: named, obeysRemote: isParentBased });
}

function rootSampler(name: TracesConfig['sampler']['name'], ratio: number): Sampler {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio);
  return new AlwaysOnSampler();
}
