/**
 * The sampler of the configuration.
 *
 * Layer: traces. Names and defaults: OpenTelemetry environment variable specification, `OTEL_TRACES_SAMPLER`.
 */
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/config.ts';

/** Makes the official sampler the configuration names. */
export function createSampler({ name, ratio }: TracesConfig['sampler']): Sampler {
  const root = rootSampler(name, ratio);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: TracesConfig['sampler']['name'], ratio: number): Sampler {
  if (name.endsWith('always_off')) return new AlwaysOffSampler();
  if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio);
  return new AlwaysOnSampler();
}
