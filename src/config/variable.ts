/**
 * A row of the table of variables: parses, defaults, documents and marks secrets in one place.
 *
 * `docs/reference/configuration.md` is generated from the same rows that `resolve.ts` reads.
 * Layer: config.
 */
import type { Kind } from './kinds.ts';
import type { StartOptions } from './options.ts';

/** Heading under which a variable is documented. */
export type Section =
  | 'General'
  | 'Resource'
  | 'OTLP export'
  | 'Traces'
  | 'Metrics'
  | 'Logs'
  | 'Requests'
  | 'Errors'
  | 'Privacy'
  | 'Grafana Cloud'
  | 'Trace links'
  | 'Sentry'
  | 'Push of jobs'
  | 'duotel';

/** One variable. */
export interface Variable<T = unknown> {
  readonly name: string;
  readonly section: Section;
  readonly kind: Kind<T>;
  /** Text form of the default; nothing when unset means something of its own. */
  readonly default?: string;
  /** Its value is never shown. */
  readonly secret?: true;
  /** One sentence. */
  readonly description: string;
  /** Where the variable is defined, e.g. `otel-env`. */
  readonly source: Source;
  /** The option of `start()` that wins over it. */
  readonly option?: keyof StartOptions;
  /** Set when this version parses the variable but cannot do what it asks for. */
  readonly unavailable?: Unavailable;
}

/** A variable that always has a value. */
export interface DefaultedVariable<T = unknown> extends Variable<T> {
  readonly default: string;
}

/** Why a variable has no effect. Variables with the same `feature` share one line. */
export interface Unavailable {
  /** What is missing, e.g. `the disk queue`. */
  readonly feature: string;
  /** What happens instead, as a sentence. */
  readonly instead: string;
  /** Values that ask for no more than what happens anyway. */
  readonly harmless?: readonly string[];
}

/** Documents that define variables. */
export type Source = keyof typeof SOURCES;

/** Title and address of each document. */
export const SOURCES: {
  readonly [name in 'otel-env' | 'otlp-exporter' | 'otel-js' | 'grafana-cloud' | 'sentry' | 'common' | 'duotel']: {
    readonly title: string;
    readonly url?: string;
  };
} = {
  'otel-env': {
    title: 'OpenTelemetry environment variables',
    url: 'https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/',
  },
  'otlp-exporter': { title: 'OTLP exporter', url: 'https://opentelemetry.io/docs/specs/otel/protocol/exporter/' },
  'otel-js': {
    title: 'OpenTelemetry JavaScript',
    url: 'https://opentelemetry.io/docs/zero-code/js/configuration/',
  },
  'grafana-cloud': {
    title: 'Grafana Cloud OTLP endpoint',
    url: 'https://grafana.com/docs/grafana-cloud/send-data/otlp/send-data-otlp/',
  },
  sentry: {
    title: 'Sentry options',
    url: 'https://docs.sentry.io/platforms/javascript/guides/node/configuration/options/',
  },
  common: { title: 'Common practice' },
  duotel: { title: 'duotel' },
};
