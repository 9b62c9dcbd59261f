/**
 * The effective configuration: every value settled, with nothing left to interpret.
 *
 * Made once by `resolve.ts`, read by every later layer; no other module reads the environment.
 * Layer: config.
 */
import type { SeverityNumber } from '@opentelemetry/api';

/** Where an effective value came from. `preset` = derived from other variables, e.g. the Grafana Cloud preset. */
export type Origin = 'code' | 'file' | 'environment' | 'preset' | 'default';

/** One effective value as people may see it. */
export interface Setting {
  /** Name of the variable in the table, e.g. `OTEL_BSP_SCHEDULE_DELAY`. */
  readonly name: string;
  /** Text form of the value; `[secret]` for secrets, `undefined` when nothing is set and there is no default. */
  readonly value: string | undefined;
  readonly origin: Origin;
}

export type Protocol = 'http/protobuf' | 'http/json';
export type Compression = 'none' | 'gzip';
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

/** How to reach one OTLP endpoint for one signal. */
export interface OtlpDestination {
  /** Complete URL including the signal path. */
  readonly url: string;
  /** Lower-case header names. May hold credentials: never print. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  readonly compression: Compression;
  /** Longest time one request may take, in milliseconds. */
  readonly timeoutMillis: number;
  readonly tls: TlsFiles;
  /** Most encoded bytes it is sent in an hour; none when missing. Never for metrics, whose volume their series bound. */
  readonly hourlyLimitBytes?: number;
  /** Share of all traces it gets, 0 to 1, decided on the trace id; all when missing. Only for traces. */
  readonly traceRatio?: number;
  /** `http://` address of the proxy in between; none when missing. May hold credentials: never print. */
  readonly proxy?: string;
  /** Metrics count from the last push, not from the start. Never for other signals. */
  readonly temporality?: DeltaPreference;
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Queue of a batch processor; spec defaults in `variables`. */
export interface BatchLimits {
  readonly scheduleDelayMillis: number;
  readonly exportTimeoutMillis: number;
  /** Most items that wait; `undefined` = only memory is bounded. */
  readonly maxQueueSize: number | undefined;
  readonly maxExportBatchSize: number;
}

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/** What one condition of a rule is about; `*` in the pattern stands for any characters. */
export type SamplingCondition =
  | { readonly subject: 'name' | 'route'; readonly pattern: string }
  | { readonly subject: 'attribute'; readonly key: string; readonly pattern: string };

/** The share of traces to keep, 0 to 1, of those that meet every condition. */
export interface SamplingRule {
  readonly conditions: readonly SamplingCondition[];
  readonly ratio: number;
}

/** What the tail buffer keeps; everything else is dropped. */
export interface TailPolicy {
  readonly keepsErrors: boolean;
  /** A local root at least this long is kept; `undefined` = duration is no reason. */
  readonly slowMillis: number | undefined;
  /** Share kept of all traces, whatever happened in them. */
  readonly ratio: number;
  /** Longest time a span is held. */
  readonly waitMillis: number;
}

/** Sampling beside the sampler. */
export interface SamplingConfig {
  /** The first that matches decides about a local root; without a match, the sampler. */
  readonly rules: readonly SamplingRule[];
  /** Most local roots that are kept; `undefined` = no limit. */
  readonly tracesPerSecond: number | undefined;
  /** `undefined` = nothing is held. */
  readonly tail: TailPolicy | undefined;
}

/** Limits of spans. `undefined` length = unlimited. */
export interface SpanLimits {
  readonly attributeValueLengthLimit: number | undefined;
  readonly attributeCountLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

/** A signal that is not sent anywhere has `otlp: undefined`, no `moreOtlp` and `console: false`. */
export interface SignalOutputs {
  /** The destination of the variables. */
  readonly otlp: OtlpDestination | undefined;
  /** Those of the option `destinations`. */
  readonly moreOtlp: readonly OtlpDestination[];
  /** Print each item to stderr. */
  readonly console: boolean;
}

export interface TracesConfig extends SignalOutputs {
  readonly sampler: { readonly name: SamplerName; /** 0 to 1; used by the ratio samplers. */ readonly ratio: number };
  readonly sampling: SamplingConfig;
  readonly limits: SpanLimits;
  readonly batch: BatchLimits;
}

export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory';

/** Preferences with deltas: `lowmemory` has them for counters and histograms that are recorded, not observed. */
export type DeltaPreference = Exclude<TemporalityPreference, 'cumulative'>;

export type HistogramAggregation = 'explicit_bucket_histogram' | 'base2_exponential_bucket_histogram';

/** Bounds of metrics in memory. */
export interface MetricLimits {
  /** Most series of one instrument, its overflow included; a view with `aggregationCardinalityLimit` overrides it. */
  readonly seriesPerInstrument: number;
  /** Most series of all instruments together, overflows not counted. */
  readonly totalSeries: number;
  /** Number of values each of these attributes keeps in one instrument; all later values become `other`. */
  readonly firstValues: ReadonlyMap<string, number>;
  /** How long a series may be idle before it is forgotten; `undefined` = for ever. */
  readonly expireAfterMillis: number | undefined;
}

export interface MetricsConfig extends SignalOutputs {
  readonly limits: MetricLimits;
  /** Whether measurements in sampled spans are kept as exemplars. */
  readonly exemplars: boolean;
  /** How histograms are aggregated when no view says otherwise. */
  readonly histogramAggregation: HistogramAggregation;
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
  /** Whether runtime, process and container are observed where metrics have an output. */
  readonly runtime: 'on' | 'off';
  readonly scrape: ScrapeConfig;
}

/** The Prometheus endpoint. */
export interface ScrapeConfig {
  /** `listening`: open only in a process that itself starts to listen (DESIGN D11). */
  readonly open: 'always' | 'listening' | 'never';
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** What to do when the port is taken. */
  readonly whenBusy: 'off' | 'ephemeral';
  /** What is on the page; each has its default. */
  readonly page?: PageConfig;
  /** Socket to listen on instead of host and port. */
  readonly socketPath?: string;
  /** Path on the application's own servers that answers with the page; none when missing. */
  readonly appPath?: string;
  /** Who is served, on every form of the endpoint; everybody when missing. */
  readonly access?: ScrapeAccess;
  /** HTTPS on the own listener; HTTP when missing. */
  readonly tls?: ScrapeTls;
}

/** Credentials of which a scraper has to send one; without any of them nobody is served. Never print. */
export interface ScrapeAccess {
  readonly token?: string;
  readonly tokenFile?: string;
  /** `user:password`. */
  readonly basic?: string;
}

/** Paths of PEM files. */
export interface ScrapeTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Only clients with a certificate of these authorities are served. */
  readonly clientCaFile?: string;
}

/** How names of OpenTelemetry become names of Prometheus; spelled as in Prometheus' own configuration. */
export type TranslationStrategy =
  | 'UnderscoreEscapingWithSuffixes'
  | 'UnderscoreEscapingWithoutSuffixes'
  | 'NoUTF8EscapingWithSuffixes'
  | 'NoTranslation';

/** What stands on the page that Prometheus scrapes. */
export interface PageConfig {
  /** Default: `UnderscoreEscapingWithSuffixes`, which gives names that every Prometheus takes. */
  readonly translation?: TranslationStrategy;
  /** Whether each series says which instrumentation scope it is from. Default: no. */
  readonly scopeLabels?: boolean;
}

/** What becomes of the lines an application logs. */
export interface LogLinesConfig {
  /** Loggers get the ids of trace and request into their lines. */
  readonly inject: boolean;
  /** Lines of loggers are exported as log records. */
  readonly export: boolean;
  /** What the console prints is exported as log records. */
  readonly exportConsole: boolean;
}

export interface LogsConfig extends SignalOutputs {
  readonly lines: LogLinesConfig;
  /** The least severe records that are exported; `undefined` = all. */
  readonly minimumSeverity: SeverityNumber | undefined;
  /** Most records exported in a second, errors and others each; `undefined` = no limit. */
  readonly recordsPerSecond: number | undefined;
  readonly limits: { readonly attributeValueLengthLimit: number | undefined; readonly attributeCountLimit: number };
  readonly batch: BatchLimits;
}

/** What a response may say about its request. */
export type ResponseHeader = 'x-request-id' | 'server-timing' | 'x-trace-id';

/** How requests are observed, and what crosses the border of the process with them. */
export interface RequestsConfig {
  /** Who observes HTTP: this package, or the official instrumentation. */
  readonly http: 'lean' | 'upstream';
  /** Paths of requests without spans and metrics; a `*` at the end stands for anything. */
  readonly ignore: readonly string[];
  /** Whether there are metrics of body sizes. */
  readonly bodySizes: boolean;
  readonly responseHeaders: readonly ResponseHeader[];
  /** Whether trace context, baggage and request id of incoming requests are continued. */
  readonly trustIncoming: boolean;
  /** Hosts that are sent trace context, in the form of `host-list.ts`. */
  readonly traceHosts: string;
  /** Hosts that are sent baggage too. */
  readonly baggageHosts: string;
}

/** Which errors are captured, and how many are sent. */
export interface ErrorsConfig {
  /** `auto`: also without being asked; `manual`: only by `captureError()`. */
  readonly capture: 'auto' | 'manual' | 'off';
  /** Error classes, statuses, names and rules of errors that are only counted; a `*` stands for any characters. */
  readonly ignore: readonly string[];
  /** Most of one fingerprint in a minute. */
  readonly perMinute: number;
}

/** What counts as a secret, and what is done about it. */
export interface RedactionConfig {
  /** `strict`: e-mail addresses, too. */
  readonly mode: 'off' | 'on' | 'strict';
  /** Keys that are secret beside those of the table; their words may stand anywhere in a key. */
  readonly keys: readonly string[];
  /** Keys, spelled as they are, whose values leave untouched. */
  readonly keptKeys: readonly string[];
  /** Fixed text, `#` for a digit, a `*` at the end for the rest of a word. */
  readonly patterns: readonly string[];
  /** Has the last word about each text. */
  readonly replace: ((key: string, text: string) => string) | undefined;
}

/** `sentry-incoming` continues Sentry's headers and sends none. */
export type PropagatorName = 'tracecontext' | 'baggage' | 'b3' | 'b3multi' | 'xray' | 'sentry' | 'sentry-incoming';

/** What the user said about the resource; `resource.ts` adds what the machine knows. */
export interface ResourceConfig {
  readonly serviceName: string | undefined;
  readonly serviceVersion: string | undefined;
  /** Deployment environment, DESIGN D8; `production` when nothing says otherwise. */
  readonly environment: string;
  /** Release shown by Sentry; `service.version` when unset. */
  readonly release: string | undefined;
  /** From `OTEL_RESOURCE_ATTRIBUTES` and from code. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How people get from telemetry to the trace. */
export interface TraceLinksConfig {
  /** Address with `{traceId}`, `{spanId}`, `{from}`, `{to}`; `undefined` = there are no links. */
  readonly urlTemplate: string | undefined;
  /** Whether log records of errors carry the link. */
  readonly inLogs: boolean;
}

/** Which instrumentations are used, by lower-case short name. */
export interface InstrumentationsConfig {
  /** `undefined` = all. */
  readonly enabled: readonly string[] | undefined;
  /** Wins over `enabled`. */
  readonly disabled: readonly string[];
}

/** Address of a Sentry project. */
export interface SentryDsn {
  readonly protocol: 'http' | 'https';
  /** As in a URL: an IPv6 address stands in brackets. */
  readonly host: string;
  /** `undefined` = the one of the protocol. */
  readonly port: number | undefined;
  /** In front of `/api/`, without slashes at its ends; mostly empty. */
  readonly path: string;
  readonly publicKey: string;
  readonly projectId: string;
}

/** Least level of log records that become Sentry's logs. */
export type SentryLogs = 'off' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What Sentry receives. */
export interface SentryConfig {
  readonly dsn: SentryDsn;
  /** `http://` address of the proxy in between; none when missing. May hold credentials: never print. */
  readonly proxy?: string;
  /** Share of traces, 0 to 1, decided on the trace id. */
  readonly tracesSampleRate: number;
  /** How spans get there. */
  readonly traces: 'otlp' | 'transactions' | 'off';
  /** Whether traces with an error are sent beyond that share. */
  readonly errorTraces: boolean;
  /** The first that matches decides about a local root; without a match, the share. */
  readonly rules: readonly SamplingRule[];
  readonly logs: SentryLogs;
  /** Share of traces that are profiled, 0 to 1. */
  readonly profilesSampleRate: number;
  readonly environment: string;
  /** `undefined` = the resource's `service.version`. */
  readonly release: string | undefined;
}

/** Everything `start()` needs to know. */
export interface Config {
  readonly disabled: boolean;
  readonly logLevel: LogLevel | undefined;
  readonly resource: ResourceConfig;
  readonly propagators: readonly PropagatorName[];
  readonly instrumentations: InstrumentationsConfig;
  readonly traces: TracesConfig;
  readonly metrics: MetricsConfig;
  readonly logs: LogsConfig;
  readonly requests: RequestsConfig;
  readonly errors: ErrorsConfig;
  readonly traceLinks: TraceLinksConfig;
  /** `undefined` = Sentry is off. */
  readonly sentry: SentryConfig | undefined;
  readonly redaction: RedactionConfig;
  /** Budget of `shutdown()` and of the drain at exit; `undefined` = by kind of process (DESIGN D7). */
  readonly shutdownTimeoutMillis: number | undefined;
  /** Whether queued telemetry is sent when a signal ends the process. */
  readonly signals: 'on' | 'off';
  /** Form of the lines on stderr. */
  readonly notices: 'text' | 'json';
}

/** A finding about the configuration. `notice` is printed; `info` is only shown in `status()` and with OTEL_LOG_LEVEL=info. */
export interface Issue {
  readonly severity: 'notice' | 'info';
  readonly code:
    | 'DUOTEL_CONFIG_INVALID'
    | 'DUOTEL_CONFIG_REPAIRED'
    | 'DUOTEL_CONFIG_ENDPOINT'
    | 'DUOTEL_CONFIG_CREDENTIAL'
    | 'DUOTEL_CONFIG_CONFLICT'
    | 'DUOTEL_FEATURE_UNAVAILABLE'
    | 'DUOTEL_SERVICE_UNNAMED';
  readonly message: string;
}

/** What `resolveConfig()` gives. */
export interface Resolution {
  readonly config: Config;
  /** Every row of the table with its effective value and origin. */
  readonly settings: readonly Setting[];
  readonly issues: readonly Issue[];
}
