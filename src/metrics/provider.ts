/**
 * Metrics: the store, the official meter provider beside it, our one reader, the user's readers and views, the push loop.
 *
 * Layer: metrics. See docs/decisions/0007-metric-store.md.
 */
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  type CollectionResult,
  type MetricData,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { guard, guardAsync } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import { notify } from '../core/notices.ts';
import { VERSION } from '../core/version.ts';
import type { MetricsConfig } from '../config/config.ts';
import { createBackgroundInstruments, type MakeBackground } from './background-instruments.ts';
import { guardMeterProvider } from './guarded-meter.ts';
import { type PushLoop, type PushLoopOptions, type PushMetrics, type PushOccasion, startPushLoop } from './push.ts';
import { createReaderStorage } from './reader-storage.ts';
import { SnapshotReader } from './reader.ts';
import { createRoutedProvider } from './routed-meter.ts';
import { MetricStore } from './store.ts';
import { acceptReaders, acceptViews, withProducer } from './user-parts.ts';
import { createViewJudge } from './view-match.ts';

/** What a meter provider is made of. */
export interface MetricsInput {
  readonly config: MetricsConfig;
  readonly resource: Resource;
  /** Sends one snapshot to every destination; `undefined` when metrics are only scraped. */
  readonly push: PushMetrics | undefined;
  /** What this package says of itself: on pages and with each interval, but no reason for a push at the end. */
  readonly selfMetrics?: () => MetricData[];
  /** Makes instruments of this package's own; they are in every snapshot, but no reason for one. */
  readonly background?: MakeBackground | undefined;
  /** Called once, when the first measurement or callback is there. */
  readonly onUse?: () => void;
  /** Whether measurements in sampled spans are kept as exemplars. Default: no. */
  readonly exemplars?: boolean;
  /** The user's own, beside ours. */
  readonly readers?: readonly object[];
  /** The user's `ViewOptions`. */
  readonly views?: readonly object[];
  /** 0 to below 1; replaced in tests. */
  readonly random?: () => number;
}

/** Metrics of one run. No method rejects, but for `snapshot()`. */
export interface Metrics {
  readonly provider: ApiMeterProvider;
  /** Whether anything was recorded, or a callback would be asked. */
  readonly isUsed: () => boolean;
  /** Whether the latest push does not say all there is to say. */
  readonly hasNews: () => boolean;
  /** Current values for a page; those who ask at the same time share a collection. Rejects after {@link close}. */
  snapshot(): Promise<CollectionResult>;
  /**
   * Current values at once, for the end of a process; never throws. Without what only promises of callbacks would
   * bring, and without instruments that views select, which the SDK can only read asynchronously.
   */
  snapshotNow(): ResourceMetrics;
  /** Pushes what is recorded until now, and flushes the user's readers. */
  flush(): Promise<void>;
  /** Stops the push loop and the readers, without another push of ours. */
  close(): Promise<void>;
}

/** Makes the meter provider of one run and starts pushing. */
export function createMetrics(input: MetricsInput): Metrics {
  const { config, resource } = input;
  if (config.temporality !== 'cumulative' && input.push !== undefined) reportTemporality(config.temporality);
  const store = new MetricStore({
    resource,
    limits: config.limits,
    exemplars: input.exemplars ?? false,
    ...(input.onUse && { onUse: input.onUse }),
  });
  const reader = new SnapshotReader(undefined, { store, histogramAggregation: config.histogramAggregation });
  const views = acceptViews(input.views ?? []);
  const userReaders = acceptReaders(input.readers ?? []).map((each) => ({
    each,
    storage: createReaderStorage(each, store, views),
  }));
  const readers = userReaders.map(({ each, storage }) => withProducer(each, storage.combine));
  const sdk = new MeterProvider({ resource, views, readers: [reader, ...readers] });
  let pushed: number | undefined;
  const withSelfMetrics = (collected: Promise<CollectionResult>): Promise<CollectionResult> =>
    input.selfMetrics === undefined ? collected : addScope(collected, input.selfMetrics);
  const snapshot = (occasion: PushOccasion): Promise<CollectionResult> => {
    pushed = store.measurements;
    if (occasion === 'interval') background.ensure();
    const collected = reader.freshSnapshot();
    return occasion === 'interval' ? withSelfMetrics(collected) : collected;
  };
  const loop = startLoop(input, snapshot, userReaders.length > 0 && views.length > 0);
  const routes = {
    store,
    sdk: guardMeterProvider(sdk),
    mirrors: userReaders.map(({ storage }) => storage.mirror).filter(isPresent),
    judge: createViewJudge(views, config.histogramAggregation),
  };
  const background = createBackgroundInstruments(
    input.background,
    () => createRoutedProvider({ ...routes, store: store.background }),
    input.push !== undefined || userReaders.length > 0,
  );
  return {
    provider: createRoutedProvider(routes),
    isUsed: () => store.isUsed,
    hasNews: () => store.isUsed && store.measurements !== pushed,
    snapshot() {
      background.ensure();
      return withSelfMetrics(reader.snapshot());
    },
    snapshotNow: () => guard('metrics.snapshot', () => store.snapshotNow(), { resource, scopeMetrics: [] }),
    async flush() {
      const push = store.isUsed ? loop?.flush() : undefined;
      await Promise.all([push, guardAsync('metrics.flush', () => sdk.forceFlush(), undefined)]);
    },
    async close() {
      loop?.stop();
      background.stop();
      await guardAsync('metrics.close', () => sdk.shutdown(), undefined);
    },
  };
}

function startLoop(input: MetricsInput, snapshot: PushLoopOptions['snapshot'], stashes: boolean): PushLoop | undefined {
  // Storage made by a view belongs to all readers: the SDK stashes what one collects for each other one, without end
  // for one that never collects. So ours collects, and throws its snapshot away, where only the user's would.
  const push = input.push ?? (stashes ? discard : undefined);
  if (push === undefined) return undefined;
  return startPushLoop({
    snapshot,
    push,
    intervalMillis: input.config.exportIntervalMillis,
    timeoutMillis: input.config.exportTimeoutMillis,
    ...(input.random === undefined ? {} : { random: input.random }),
  });
}

async function addScope(collected: Promise<CollectionResult>, made: () => MetricData[]): Promise<CollectionResult> {
  const { resourceMetrics, errors } = await collected;
  const metrics = guard('metrics.self', made, []);
  if (metrics.length === 0) return collected;
  const scopeMetrics = [...resourceMetrics.scopeMetrics, { scope: { name: 'duotel', version: VERSION }, metrics }];
  return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
}

async function discard(): Promise<void> {}

function reportTemporality(preference: string): void {
  notify({
    code: 'DUOTEL_FEATURE_UNAVAILABLE',
    message:
      `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=${preference} is not available yet; metrics are pushed as ` +
      'cumulative totals, which Prometheus-compatible back ends need. Remove the variable.',
  });
}
