/**
 * The effective configuration: every value settled, with nothing left to interpret.
 *
 * Made once by `resolve.ts`, read by every later layer; no other module reads the environment.
 * Layer: config.
 */

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
  /** `http://` address of the proxy in between; none when missing. May hold credentials: never print. */
  readonly proxy?: string;
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
  readonly limits: SpanLimits;
  readonly batch: BatchLimits;
}

export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory';

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
  /** How histograms are aggregated when no view says otherwise. */
  readonly histogramAggregation: HistogramAggregation;
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
  readonly temporality: TemporalityPreference;
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
}

export interface LogsConfig extends SignalOutputs {
  readonly limits: { readonly attributeValueLengthLimit: number | undefined; readonly attributeCountLimit: number };
  readonly batch: BatchLimits;
}

export type PropagatorName = 'tracecontext' | 'baggage' | 'b3' | 'b3multi' | 'xray';

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

/** Which instrumentations are used, by lower-case short name. */
export interface InstrumentationsConfig {
  /** `undefined` = all. */
  readonly enabled: readonly string[] | undefined;
  /** Wins over `enabled`. */
  readonly disabled: readonly string[];
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
