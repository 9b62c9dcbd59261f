/**
 * Variables of sampling.
 *
 * Layer: config.
 */
import { createRequire } from 'node:module';
import type { TailPolicy } from '../config.ts';
import { oneOf, perSecond, ratio, text } from '../kinds.ts';
import type * as tailPolicyModule from '../tail-policy.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

const load = createRequire(import.meta.url);

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

export const DUOTEL_SAMPLING_RULES: Variable<string> = {
  name: 'DUOTEL_SAMPLING_RULES',
  section: 'Traces',
  kind: { expects: 'rules separated by semicolons', parse: (value) => value },
  description:
    'Which traces are recorded, by what their first span in this process starts with, e.g. `drop route=/health*; keep tenant=gold; 0.1 name=GET *`. The first rule that matches decides; without a match, the sampler.',
  source: 'duotel',
  option: 'sampling',
};

export const DUOTEL_SAMPLING_RATE_LIMIT: Variable<number> = {
  name: 'DUOTEL_SAMPLING_RATE_LIMIT',
  section: 'Traces',
  kind: perSecond,
  description: 'Most traces this process records in a second, after rules and sampler. Unset: no limit.',
  source: 'duotel',
  option: 'sampling',
};

export const DUOTEL_TAIL_SAMPLING: Variable<TailPolicy> = {
  name: 'DUOTEL_TAIL_SAMPLING',
  section: 'Traces',
  kind: {
    expects: 'a list like errors, slow:2s, ratio:0.1',
    parse: (value) => (load('../tail-policy.ts') as typeof tailPolicyModule).parseTailPolicy(value),
  },
  description:
    'Holds spans until their local root ends, then keeps all or none, e.g. `errors, slow:2s, ratio:0.1`; `wait:1m` is the longest time they are held (default 30s). Unset: nothing is held.',
  source: 'duotel',
  option: 'sampling',
};

export const DUOTEL_OTLP_TRACES_RATIO: DefaultedVariable<number> = {
  name: 'DUOTEL_OTLP_TRACES_RATIO',
  section: 'Traces',
  kind: ratio,
  default: '1',
  description:
    'Share of all traces the OTLP endpoint of the variables gets, from 0 to 1, decided on the trace id; other destinations are not affected.',
  source: 'duotel',
};

/** Sampling beside the sampler of the specification. */
export const SAMPLING_VARIABLES: readonly Variable[] = [
  DUOTEL_SAMPLING_RULES,
  DUOTEL_SAMPLING_RATE_LIMIT,
  DUOTEL_TAIL_SAMPLING,
];

export const TRACES_VARIABLES: readonly Variable[] = [
  OTEL_TRACES_SAMPLER,
  OTEL_TRACES_SAMPLER_ARG,
  ...SAMPLING_VARIABLES,
  DUOTEL_OTLP_TRACES_RATIO,
];
