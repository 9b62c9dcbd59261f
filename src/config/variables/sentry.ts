/**
 * Variables of Sentry.
 *
 * Layer: config.
 */
import type { SentryLogs } from '../config.ts';
import { oneOf, ratio, text } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const SENTRY_DSN: Variable<string> = {
  name: 'SENTRY_DSN',
  section: 'Sentry',
  kind: { ...text, expects: 'the DSN of a Sentry project' },
  secret: true,
  description: 'Project that receives errors and spans. Unset: Sentry is off.',
  source: 'sentry',
};

export const SENTRY_ENVIRONMENT: Variable<string> = {
  name: 'SENTRY_ENVIRONMENT',
  section: 'Sentry',
  kind: text,
  description: 'Deployment environment on every output; see ENVIRONMENT for what comes after it.',
  source: 'sentry',
  option: 'environment',
};

export const SENTRY_RELEASE: Variable<string> = {
  name: 'SENTRY_RELEASE',
  section: 'Sentry',
  kind: text,
  description: 'Release on every output. Unset: RELEASE, else service.version.',
  source: 'sentry',
};

export const SENTRY_TRACES_SAMPLE_RATE: Variable<number> = {
  name: 'SENTRY_TRACES_SAMPLE_RATE',
  section: 'Sentry',
  kind: ratio,
  description: 'Share of traces Sentry receives, from 0 to 1. Unset: 0.1 in production, 1 otherwise.',
  source: 'sentry',
};

export const SENTRY_PROFILES_SAMPLE_RATE: Variable<number> = {
  name: 'SENTRY_PROFILES_SAMPLE_RATE',
  section: 'Sentry',
  kind: ratio,
  description:
    'Share of processes that are profiled, from 0 to 1, by @sentry/profiling-node in Sentry.init() of the application.',
  source: 'sentry',
};

export const DUOTEL_SENTRY_TRACES: DefaultedVariable<'otlp' | 'transactions' | 'off'> = {
  name: 'DUOTEL_SENTRY_TRACES',
  section: 'Sentry',
  kind: oneOf('otlp', 'transactions', 'off'),
  default: 'otlp',
  description: 'How spans reach Sentry: its OTLP endpoint, classic transactions, or not at all.',
  source: 'duotel',
};

export const DUOTEL_SENTRY_ERROR_TRACES: DefaultedVariable<'on' | 'off'> = {
  name: 'DUOTEL_SENTRY_ERROR_TRACES',
  section: 'Sentry',
  kind: oneOf('on', 'off'),
  default: 'on',
  description:
    'Whether Sentry receives what this process has of a trace in which a span failed, whatever SENTRY_TRACES_SAMPLE_RATE; with a rate of 0 it receives no spans.',
  source: 'duotel',
};

export const DUOTEL_SENTRY_RULES: Variable<string> = {
  name: 'DUOTEL_SENTRY_RULES',
  section: 'Sentry',
  kind: { ...text, expects: 'rules like drop route=/health; keep name=POST /orders' },
  description:
    'Rules about the traces Sentry receives, written like DUOTEL_SAMPLING_RULES; without a match, SENTRY_TRACES_SAMPLE_RATE decides.',
  source: 'duotel',
};

export const DUOTEL_SENTRY_LOGS: DefaultedVariable<SentryLogs> = {
  name: 'DUOTEL_SENTRY_LOGS',
  section: 'Sentry',
  kind: oneOf('off', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'),
  default: 'off',
  description: 'Log records of at least this level are sent to Sentry as its logs.',
  source: 'duotel',
};

/** Those that concern nothing but Sentry. */
export const SENTRY_SETTINGS: readonly Variable[] = [
  SENTRY_DSN,
  SENTRY_TRACES_SAMPLE_RATE,
  SENTRY_PROFILES_SAMPLE_RATE,
  DUOTEL_SENTRY_TRACES,
  DUOTEL_SENTRY_ERROR_TRACES,
  DUOTEL_SENTRY_RULES,
  DUOTEL_SENTRY_LOGS,
];

export const SENTRY_VARIABLES: readonly Variable[] = [SENTRY_ENVIRONMENT, SENTRY_RELEASE, ...SENTRY_SETTINGS];
