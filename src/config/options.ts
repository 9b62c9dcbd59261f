/**
 * Options of `start()`: the part of the configuration that is written in code.
 *
 * Structural types stand where the official SDK has classes, so that no SDK type is part of the public API and a
 * user's own processor, exporter, sampler or propagator is accepted whatever SDK version it was written against.
 * Layer: config.
 */
import type { Context, SpanAttributes, SpanKind, Link, TextMapPropagator } from '@opentelemetry/api';

/** Official `SpanProcessor` interface, structurally. */
export interface SpanProcessorLike {
  // oxlint-disable-next-line typescript/no-explicit-any -- the SDK's Span is deliberately not part of this API
  onStart(span: any, parentContext: Context): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  onEnd(span: any): void;
  forceFlush(options?: { timeoutMillis?: number }): Promise<void>;
  shutdown(): Promise<void>;
}

/** Official `LogRecordProcessor` interface, structurally. */
export interface LogRecordProcessorLike {
  // oxlint-disable-next-line typescript/no-explicit-any -- the SDK's LogRecord is deliberately not part of this API
  onEmit(logRecord: any, context?: Context): void;
  forceFlush(options?: { timeoutMillis?: number }): Promise<void>;
  shutdown(): Promise<void>;
}

/** Official `Sampler` interface, structurally. */
export interface SamplerLike {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: SpanAttributes,
    links: Link[],
  ): { decision: number };
  toString(): string;
}

/** Official `Instrumentation` interface, structurally. */
export interface InstrumentationLike {
  readonly instrumentationName: string;
  enable(): void;
  disable(): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- providers of any version of the API
  setTracerProvider(provider: any): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  setMeterProvider(provider: any): void;
  getConfig(): object;
}

/** One OTLP endpoint beside the configured one. */
export interface DestinationOptions {
  /** Base address; the path of the signal is added to it, as with `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** Sent with each request, e.g. `authorization`. Default: none; the configured ones are for the configured endpoint. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: all three. */
  readonly signals?: readonly ('traces' | 'metrics' | 'logs')[];
  /** Default: `http/protobuf`. */
  readonly protocol?: 'http/protobuf' | 'http/json';
  /** Default: `none`. */
  readonly compression?: 'none' | 'gzip';
  /** Longest time one request may take, in milliseconds. Default: 10 000. */
  readonly timeoutMillis?: number;
  /**
   * Like `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, for this one. Default: `cumulative`, which destinations of
   * the Prometheus family get in any case.
   */
  readonly temporality?: 'cumulative' | 'delta' | 'lowmemory';
  /** Like `DUOTEL_HOURLY_LIMIT_MB`, for this one. Default: no limit. */
  readonly hourlyLimitMegabytes?: number;
  /** Share of all traces it gets, from 0 to 1, decided on the trace id; docs/guides/sampling.md. Default: 1. */
  readonly traceRatio?: number;
  /** Paths of PEM files. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
}

/** A registry of prom-client 14 or newer, structurally. */
export interface PrometheusRegistryLike {
  getMetricsAsJSON(): Promise<readonly object[]> | readonly object[];
}

/** A sampling rule: what it is about, all of it, and what happens then. `*` stands for any characters. */
export interface SamplingRuleOptions {
  /** Name of the span as it starts, e.g. `GET` or `report *`. */
  readonly name?: string;
  /** `http.route` if known when the span starts, else `url.path`, e.g. `/health*`. */
  readonly route?: string;
  /** Attributes the span starts with, compared as text. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** A number is the share of traces that is kept, from 0 to 1, decided on the trace id. */
  readonly action: 'keep' | 'drop' | number;
}

/** Holds the spans of a local root until it ends, then keeps all or none. */
export interface TailSamplingOptions {
  /** Keep those with a span of status error. Default: false. */
  readonly errors?: boolean;
  /** Keep those whose local root takes at least this long. Default: duration is no reason. */
  readonly slowMillis?: number;
  /** Share of all traces that is kept in any case, from 0 to 1. Default: 0. */
  readonly ratio?: number;
  /** Longest time a span is held; then what is known decides. Default: 30 000. */
  readonly waitMillis?: number;
}

/** docs/guides/sampling.md */
export interface SamplingOptions {
  /** The first one that matches decides; without a match, the sampler. Default: `DUOTEL_SAMPLING_RULES`. */
  readonly rules?: readonly SamplingRuleOptions[];
  /** Most traces this process begins or joins in a second. Default: `DUOTEL_SAMPLING_RATE_LIMIT`. */
  readonly tracesPerSecond?: number;
  /** Default: `DUOTEL_TAIL_SAMPLING`. */
  readonly tail?: TailSamplingOptions;
}

/** A rule of the user for what an error means; it comes before ours. What it leaves out is settled as without it. */
export interface ErrorRuleOptions {
  /** Shown as the rule that matched, e.g. `payment.declined`. */
  readonly name: string;
  /** Names of classes, also inherited ones. */
  readonly types?: readonly string[];
  /** Values of `code`; a `*` stands for any characters. */
  readonly codes?: readonly string[];
  /** HTTP statuses; `4*` for all of them. */
  readonly statuses?: readonly (string | number)[];
  /** Searched for in the first 1024 characters of the message; a text is found in any case. */
  readonly message?: string | RegExp;
  /** Asked last, with the error as it was thrown. */
  readonly test?: (error: unknown) => boolean;
  /** `billing`, `rate_limit`, …: docs/reference/errors.md. */
  readonly errorClass?: string;
  /** `critical`, `high`, `medium` or `low`. */
  readonly severity?: string;
  readonly retryable?: boolean;
  /** A label of metrics: few different values. */
  readonly provider?: string;
}

/** docs/guides/errors.md */
export interface ErrorsOptions {
  /** The first one that holds for an error or one of its causes decides. */
  readonly rules?: readonly ErrorRuleOptions[];
  /**
   * Errors that are counted but neither logged nor sent, beside those of `DUOTEL_ERRORS_IGNORE`: error class, status,
   * code, name or rule; a regular expression for messages; or a function that says `true`.
   */
  readonly ignore?: readonly (string | number | RegExp | ((error: unknown) => boolean))[];
  /**
   * Called with each event on its way to Sentry; returns it, changed or not, or `null` to drop it there. Spans, log
   * records and counters are not touched. Synchronous. If it fails, the event is sent as it is; the redactor comes after.
   */
  readonly beforeSend?: (
    event: SentryEventLike,
    hint: { readonly originalException: unknown },
  ) => SentryEventLike | null;
}

/** An event as Sentry knows it, structurally; docs: develop.sentry.dev, “Event Payloads”. */
export interface SentryEventLike {
  message?: string;
  level?: string;
  transaction?: string;
  fingerprint?: string[];
  tags?: Record<string, unknown>;
  extra?: Record<string, unknown>;
  user?: Record<string, unknown>;
  contexts?: Record<string, Record<string, unknown> | undefined>;
  /** The error last, its causes before it. */
  exception?: { values?: { type?: string; value?: string }[] };
  // oxlint-disable-next-line typescript/no-explicit-any -- types of Sentry are deliberately not part of this API
  [more: string]: any;
}

/** Rules beside the built-in ones; docs/guides/privacy.md */
export interface RedactOptions {
  /** Default: `DUOTEL_REDACT`. */
  readonly mode?: 'off' | 'on' | 'strict';
  /** More keys that are secret, added to `DUOTEL_REDACT_KEYS`. */
  readonly keys?: readonly string[];
  /** Keys whose values leave untouched, added to `DUOTEL_REDACT_KEEP_KEYS`. */
  readonly keepKeys?: readonly string[];
  /** More patterns of secret texts, added to `DUOTEL_REDACT_PATTERNS`. */
  readonly patterns?: readonly string[];
  /**
   * Called with each text after the built-in rules, and its key (empty for names, messages and bodies). Must be quick,
   * and give the same for the same. If it throws, nothing of the text leaves.
   */
  readonly replace?: (key: string, text: string) => string;
}

/** Options of `start()`. Everything is optional; the environment fills what is not given. */
export interface StartOptions {
  /** `service.name`. Default: `OTEL_SERVICE_NAME`, else the name in the application's package.json. */
  readonly serviceName?: string;
  /** `service.version`. Default: the release, the platform's git commit, the version in the application's package.json. */
  readonly serviceVersion?: string;
  /** `deployment.environment.name`. Default: DESIGN D8, else `production`. */
  readonly environment?: string;
  /** More resource attributes; they win over `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /** Any variable of `docs/reference/configuration.md`, as text; wins over the environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** More OTLP endpoints; each gets everything unless it says otherwise, and none waits for another. */
  readonly destinations?: readonly DestinationOptions[];
  /** Run before our own processors, in order. */
  readonly spanProcessors?: readonly SpanProcessorLike[];
  /** Run before our own processors, in order. */
  readonly logRecordProcessors?: readonly LogRecordProcessorLike[];
  /** Official metric readers, beside ours. */
  readonly metricReaders?: readonly object[];
  /** Official `MetricProducer`s: their metrics go wherever ours go, but for what `process.exit()` cuts short. */
  readonly metricProducers?: readonly object[];
  /** Official `ViewOptions`. */
  readonly views?: readonly object[];
  /**
   * Official instrumentations, or lists of them, used as `NodeSDK` uses them. One for the same modules as ours of the
   * same package replaces ours.
   */
  readonly instrumentations?: readonly (InstrumentationLike | readonly InstrumentationLike[])[];
  /** Registries of prom-client; their metrics appear on every output, names as they are. */
  readonly prometheusRegistries?: readonly PrometheusRegistryLike[];
  /** Rules, rate limit and tail buffer. */
  readonly sampling?: SamplingOptions;
  /** Rules for what errors mean, and which are not worth sending. */
  readonly errors?: ErrorsOptions;
  /** What is taken out of everything that leaves, beside the built-in rules. */
  readonly redact?: RedactOptions;
  /** Replaces the sampler of the configuration, its rules and its rate limit. */
  readonly sampler?: SamplerLike;
  /** Replaces the propagators of the configuration. */
  readonly propagator?: TextMapPropagator;
}
