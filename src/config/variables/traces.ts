/**
 * Variables of the sampler.
 *
 * Layer: config.
 */
import { oneOf, text } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

/** Samplers the specification names; the last three need parts this package does not have. */
export type SpecifiedSampler =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'
  | 'parentbased_jaeger_remote'
  | 'jaeger_remote'
  | 'xray';

export const OTEL_TRACES_SAMPLER: DefaultedVariable<SpecifiedSampler> = {
  name: 'OTEL_TRACES_SAMPLER',
  section: 'Traces',
  kind: oneOf<SpecifiedSampler>(
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
    'parentbased_jaeger_remote',
    'jaeger_remote',
    'xray',
  ),
  default: 'parentbased_always_on',
  description: 'Which traces are recorded. The remote samplers and xray are not available.',
  source: 'otel-env',
  option: 'sampler',
};

export const OTEL_TRACES_SAMPLER_ARG: DefaultedVariable<string> = {
  name: 'OTEL_TRACES_SAMPLER_ARG',
  section: 'Traces',
  kind: text,
  default: '1',
  description: 'Share of traces the ratio samplers keep, from 0 to 1.',
  source: 'otel-env',
};

export const TRACES_VARIABLES: readonly Variable[] = [OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG];
