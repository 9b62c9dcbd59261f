/**
 * Turns options, configuration file and environment into the effective configuration.
 *
 * Pure and synchronous: it reads no environment and no file of its own, so every case can be a test.
 * Layer: config.
 */
import { createRequire } from 'node:module';
import type {
  Config,
  Issue,
  PropagatorName,
  Resolution,
  ResourceConfig,
  SamplingConfig,
  SentryConfig,
} from './config.ts';
import { resolveExporters, resolveOutputs } from './exporters.ts';
import { resolveIdentity } from './identity.ts';
import { resolveErrors } from './errors.ts';
import { resolveLogLines } from './logs.ts';
import type * as moreDestinationsModule from './more-destinations.ts';
import type { MoreDestinations } from './more-destinations.ts';
import { pickNames } from './name-list.ts';
import type { StartOptions } from './options.ts';
import { resolveOtlp } from './otlp.ts';
import type { OtlpResolver } from './otlp-destination.ts';
import { createReader, type Reader } from './reader.ts';
import { resolveRedaction } from './redaction.ts';
import { resolveRequests } from './requests.ts';
import type * as samplingModule from './sampling.ts';
import { resolveScrape } from './scrape.ts';
import type * as sentryModule from './sentry.ts';
import { resolveBatch, resolveLogLimits, resolveMetricReader, resolveSampler, resolveSpanLimits } from './signals.ts';
import { resolveTraceLinks } from './trace-links.ts';
import { reportUnavailable } from './unavailable.ts';
import { BLRP, BSP } from './variables/batch.ts';
import { DUOTEL_NOTICES, DUOTEL_SHUTDOWN_TIMEOUT, DUOTEL_SIGNALS } from './variables/duotel.ts';
import {
  OTEL_LOG_LEVEL,
  OTEL_NODE_DISABLED_INSTRUMENTATIONS,
  OTEL_NODE_ENABLED_INSTRUMENTATIONS,
  OTEL_PROPAGATORS,
  OTEL_SDK_DISABLED,
} from './variables/general.ts';
import { VARIABLES } from './variables/index.ts';
import { SENTRY_SETTINGS } from './variables/sentry.ts';
import { SAMPLING_VARIABLES } from './variables/traces.ts';

const load = createRequire(import.meta.url);

/** What a configuration is made from. */
export interface ConfigInput {
  readonly options?: StartOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values of the configuration file by name of variable; when given, they replace every `OTEL_*` of `env`. */
  readonly file?: Readonly<Record<string, string>>;
}

const DEFAULT_PROPAGATORS: readonly PropagatorName[] = ['tracecontext', 'baggage'];

/** Settles every value. Never throws on any text; what cannot be used is an issue. */
export function resolveConfig({ options = {}, env, file }: ConfigInput): Resolution {
  const reader = createReader({ code: options.variables, file, env });
  const otlp = resolveOtlp(reader);
  const resource = resolveIdentity(reader, options);
  const sentry = resolveSentry(reader, resource);
  const config: Config = {
    disabled: reader.value(OTEL_SDK_DISABLED),
    logLevel: reader.given(OTEL_LOG_LEVEL),
    resource,
    propagators: resolvePropagators(reader, sentry),
    instrumentations: {
      enabled: reader.given(OTEL_NODE_ENABLED_INSTRUMENTATIONS),
      disabled: reader.given(OTEL_NODE_DISABLED_INSTRUMENTATIONS) ?? [],
    },
    ...resolveSignals(reader, otlp, options),
    traceLinks: resolveTraceLinks(reader),
    requests: resolveRequests(reader),
    sentry,
    errors: resolveErrors(reader),
    redaction: resolveRedaction(reader, options.redact),
    shutdownTimeoutMillis: reader.given(DUOTEL_SHUTDOWN_TIMEOUT),
    signals: reader.value(DUOTEL_SIGNALS),
    notices: reader.value(DUOTEL_NOTICES),
  };
  reportUnavailable(reader);
  reportUnknownNames(reader, options);
  settleOptions(reader, options, config);
  let settings: Resolution['settings'] | undefined;
  return {
    config,
    issues: config.disabled ? reader.issues.map(toInfo) : [...reader.issues],
    // Seldom asked for, and not while the program starts.
    get settings() {
      settings ??= reader.settings();
      return settings;
    },
  };
}

function resolveSignals(
  reader: Reader,
  otlp: OtlpResolver,
  options: StartOptions,
): Pick<Config, 'traces' | 'metrics' | 'logs'> {
  const more = resolveMore(reader, options);
  const metricExporters = resolveExporters(reader, 'metrics');
  return {
    traces: {
      ...resolveOutputs(otlp, 'traces', resolveExporters(reader, 'traces')),
      moreOtlp: more.traces,
      sampler: resolveSampler(reader),
      sampling: resolveSampling(reader, options),
      limits: resolveSpanLimits(reader),
      batch: resolveBatch(reader, BSP),
    },
    metrics: {
      ...resolveOutputs(otlp, 'metrics', metricExporters),
      moreOtlp: more.metrics,
      ...resolveMetricReader(reader),
      scrape: resolveScrape(reader, metricExporters),
    },
    logs: {
      ...resolveOutputs(otlp, 'logs', resolveExporters(reader, 'logs')),
      moreOtlp: more.logs,
      ...resolveLogLines(reader),
      limits: resolveLogLimits(reader),
      batch: resolveBatch(reader, BLRP),
    },
  };
}

/** Loads nothing when none of its variables is set. */
function resolveSentry(reader: Reader, resource: ResourceConfig): SentryConfig | undefined {
  if (SENTRY_SETTINGS.every((variable) => reader.text(variable) === undefined)) return undefined;
  return (load('./sentry.ts') as typeof sentryModule).resolveSentry(reader, resource);
}

const NO_MORE: MoreDestinations = { traces: [], metrics: [], logs: [] };

/** Few programs have destinations in code. */
function resolveMore(reader: Reader, { destinations }: StartOptions): MoreDestinations {
  if (destinations === undefined) return NO_MORE;
  const { resolveMoreDestinations } = load('./more-destinations.ts') as typeof moreDestinationsModule;
  return resolveMoreDestinations(reader, destinations);
}

/** Few programs sample by more than the sampler of the specification. */
function resolveSampling(reader: Reader, options: StartOptions): SamplingConfig {
  const isAsked = options.sampling != null || SAMPLING_VARIABLES.some((each) => reader.text(each) !== undefined);
  if (!isAsked) return { rules: [], tracesPerSecond: undefined, tail: undefined };
  return (load('./sampling.ts') as typeof samplingModule).resolveSampling(reader, options);
}

function resolvePropagators(reader: Reader, sentry: SentryConfig | undefined): readonly PropagatorName[] {
  const picked = pickNames<PropagatorName>(reader, OTEL_PROPAGATORS, {
    known: ['tracecontext', 'baggage', 'b3', 'b3multi', 'xray', 'sentry', 'sentry-incoming', 'none'],
    unavailable: ['jaeger', 'ottrace', 'xray-lambda'],
  });
  if (picked !== undefined) return picked;
  if (sentry === undefined) return DEFAULT_PROPAGATORS;
  const propagators: readonly PropagatorName[] = [...DEFAULT_PROPAGATORS, 'sentry-incoming'];
  reader.settle(OTEL_PROPAGATORS, propagators.join(','), 'preset');
  return propagators;
}

/** A misspelt name in code would be ignored in silence; the environment is full of names that are not ours. */
function reportUnknownNames(reader: Reader, { variables }: StartOptions): void {
  if (variables === undefined) return;
  const unknown = Object.keys(variables).filter((name) => !VARIABLES.some((variable) => variable.name === name));
  if (unknown.length === 0) return;
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `The option variables has names that do not exist: ${unknown.join(', ')}; they are ignored. Choose from docs/reference/configuration.md.`,
  });
}

/** Named options win over their variables; the account of effective values must say so. */
function settleOptions(reader: Reader, options: StartOptions, { resource }: Config): void {
  const texts: Partial<Record<keyof StartOptions, string>> = {
    ...(options.serviceName !== undefined && { serviceName: resource.serviceName ?? '' }),
    ...(options.environment !== undefined && { environment: resource.environment }),
    ...(options.resourceAttributes !== undefined && { resourceAttributes: pairsOf(resource.attributes) }),
    ...(options.sampler !== undefined && { sampler: '(an object)' }),
    ...(options.propagator !== undefined && { propagator: '(an object)' }),
  };
  for (const variable of VARIABLES) {
    const text = variable.option && texts[variable.option];
    if (text !== undefined) reader.settle(variable, text, 'code');
  }
}

function pairsOf(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(',');
}

function toInfo(issue: Issue): Issue {
  return { ...issue, severity: 'info' };
}
