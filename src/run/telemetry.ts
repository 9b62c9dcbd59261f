/**
 * The handle `start()` returns.
 *
 * Layer: run. Only types; made in `handle.ts`.
 */
import type { Issue, Setting } from '../config/config.ts';
import type { DeliveryStats } from '../delivery/account.ts';
import type { InstrumentationStatus } from '../instrument/decision.ts';
import type { MetricsHandler } from '../outputs/scrape-types.ts';
import type { TailStats } from '../traces/tail-stats.ts';
import type { SourceMapStatus } from './source-maps.ts';

/** What became of one signal in a flush. */
export type FlushOutcome = 'flushed' | 'late' | 'failed' | 'off';

/** What a flush or a shutdown came to. */
export interface FlushResult {
  /** Every signal was flushed before the deadline. */
  readonly ok: boolean;
  readonly traces: FlushOutcome;
  readonly metrics: FlushOutcome;
  readonly logs: FlushOutcome;
  /** Errors, and what else Sentry takes beside spans. */
  readonly sentry: FlushOutcome;
  readonly elapsedMillis: number;
}

/** Options of `forceFlush()` and `shutdown()`. */
export interface FlushOptions {
  /** Budget for all signals together. Default: `DUOTEL_SHUTDOWN_TIMEOUT`, else 5000 in a server, 1000 otherwise. */
  readonly timeoutMillis?: number;
}

/** What telemetry is doing right now. */
export interface TelemetryStatus {
  readonly state: 'running' | 'off' | 'shut down';
  /** One entry per signal and destination: made = sent + dropped + queued. */
  readonly destinations: readonly DeliveryStats[];
  /** What tail sampling kept, dropped and holds; `undefined` without it. */
  readonly tail: TailStats | undefined;
  /** Where `/metrics` is served; `undefined` while it is not. */
  readonly scrape: { readonly host: string; readonly port: number } | undefined;
  /** What became of each instrumentation. */
  readonly instrumentations: readonly InstrumentationStatus[];
  /** Every variable with its effective value and origin; secrets as `[secret]`. */
  readonly configuration: readonly Setting[];
  readonly issues: readonly Issue[];
  /** How often each coded notice was raised. */
  readonly notices: Readonly<Record<string, number>>;
  /** How many secrets were taken out of what leaves, by what they were told by. */
  readonly redactions: Readonly<Record<string, number>>;
  /** What stacks of built files are mapped by; neither: they name lines of built files. */
  readonly sourceMaps: SourceMapStatus;
  /** Telemetry calls that failed and were guarded, by site. */
  readonly degraded: Readonly<Record<string, { readonly count: number; readonly lastError: string }>>;
}

/** The handle. No method throws or rejects. */
export interface Telemetry {
  status(): TelemetryStatus;
  /** Sends what is queued, within one deadline for all signals. */
  forceFlush(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, closes every socket and gives the API's global slots back. A second call returns the first one's promise. */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  /**
   * Serves the Prometheus page on a route of the application: `app.get('/metrics', telemetry.metricsHandler)` with
   * Express, Fastify and Hono, `createServer(telemetry.metricsHandler)`, Koa middleware, or a handler for web requests.
   */
  readonly metricsHandler: MetricsHandler;
  [Symbol.asyncDispose](): Promise<void>;
}
