/**
 * Metrics: the store, the official meter provider beside it, our one reader, the user's readers and views, the push loop.
 *
 * Layer: metrics. See docs/decisions/0007-metric-store.md.
 */
import { createRequire } from 'node:module';
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  type CollectionResult,
  type MetricData,
  MeterProvider,
  type MetricProducer,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { guard, guardAsync } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import { VERSION } from '../core/version.ts';
import type { DeltaPreference, MetricsConfig } from '../config/config.ts';
import { createBackgroundInstruments, type MakeBackground } from './background-instruments.ts';
import { createBridge } from './bridge.ts';
import type * as deltaMetricsModule from './delta-metrics.ts';
import { guardMeterProvider } from './guarded-meter.ts';
import { News } from './news.ts';
import { type PushLoop, type PushLoopOptions, type PushMetrics, type PushOccasion, startPushLoop } from './push.ts';
import { createReaderStorage, type Mirror } from './reader-storage.ts';
import { SnapshotReader } from './reader.ts';
import { createRoutedProvider } from './routed-meter.ts';
import { MetricStore } from './store.ts';
import { acceptProducers, acceptReaders, acceptViews, withProducer } from './user-parts.ts';
import { createViewJudge } from './view-match.ts';

const load = createRequire(import.meta.url);

/** Where deltas of one kind go. */
export interface DeltaPush {
  readonly temporality: DeltaPreference;
  /** Called for as long as the provider is open, also if nobody wants them any more: so they do not pile up. */
  readonly push: PushMetrics;
}

/** What a meter provider is made of. */
export interface MetricsInput {
  readonly config: MetricsConfig;
  readonly resource: Resource;
  /** Sends one snapshot to every destination; `undefined` when metrics are only scraped. */
  readonly push: PushMetrics | undefined;
  /** Whether a destination takes what {@link push} sends at present. Default: yes. */
  readonly isPushWanted?: () => boolean;
  /** Snapshots that count from the last one. Default: none. */
  readonly deltas?: readonly DeltaPush[] | undefined;
  /** What this package says of itself: on pages and with each interval, but no reason for a push at the end. */
  readonly selfMetrics?: () => MetricData[];
  /** Makes instruments of this package's own; they are in every snapshot, but no reason for one. */
  readonly background?: MakeBackground | undefined;
  /** Called once, when the first measurement or callback is there. */
  readonly onUse?: () => void;
  /** The user's own, beside ours. */
  readonly readers?: readonly object[];
  /** The user's `MetricProducer`s, for our reader; theirs have their own. */
  readonly producers?: readonly object[];
  /** The user's `ViewOptions`. */
  readonly views?: readonly object[];
  /** Registries of prom-client. */
  readonly registries?: readonly object[] | undefined;
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
   * Current values at once, to be pushed; for the end of a process; never throws. Without what only promises of callbacks would
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
  const store = createStore(input);
  const { reader, sdk, views, deltas, mirrors, hasUserReaders, isBridged } = createReading(input, store);
  const isUsed = (): boolean => store.isUsed || isBridged;
  const news = new News(store);
  const snapshot = (occasion: PushOccasion): Promise<CollectionResult> => {
    news.begin();
    if (occasion === 'interval') background.ensure();
    const collected = reader.freshSnapshot();
    return occasion === 'interval' ? withScope(collected, input.selfMetrics) : collected;
  };
  const push = input.push && news.settling(input.push);
  const isShared = (hasUserReaders || deltas.length > 0) && views.length > 0;
  const loops = [
    ...startLoop({ ...input, push }, snapshot, isShared),
    ...deltas.map((each) => startPushLoop({ ...paceOf(input), push: each.push, snapshot: each.snapshot })),
  ];
  const judge = createViewJudge(views, input.config.histogramAggregation);
  const routes = { store, sdk: guardMeterProvider(sdk), mirrors, judge };
  const background = createBackgroundInstruments(
    input.background,
    () => createRoutedProvider({ ...routes, store: store.background }),
    input.push !== undefined || hasUserReaders,
  );
  return {
    provider: createRoutedProvider(routes),
    isUsed,
    hasNews: () => news.isAny,
    snapshot() {
      background.ensure();
      return withScope(reader.snapshot(), input.selfMetrics);
    },
    snapshotNow() {
      news.settle();
      return guard('metrics.snapshot', () => store.snapshotNow(), { resource: input.resource, scopeMetrics: [] });
    },
    async flush() {
      const pushes = isUsed() ? loops.map((loop) => loop.flush()) : [];
      await Promise.all([...pushes, guardAsync('metrics.flush', () => sdk.forceFlush(), undefined)]);
    },
    async close() {
      for (const loop of loops) loop.stop();
      background.stop();
      await guardAsync('metrics.close', () => sdk.shutdown(), undefined);
    },
  };
}

/** Who reads what is recorded, and where it is kept for them. */
interface Reading {
  readonly reader: SnapshotReader;
  readonly sdk: MeterProvider;
  readonly views: readonly ViewOptions[];
  readonly deltas: readonly Deltas[];
  /** Providers with storage for readers that want something else than the store has. */
  readonly mirrors: readonly Mirror[];
  readonly hasUserReaders: boolean;
  /** There are registries of prom-client. */
  readonly isBridged: boolean;
}

function createReading(input: MetricsInput, store: MetricStore): Reading {
  const { histogramAggregation } = input.config;
  const producers = acceptProducers(input.producers);
  if (producers.length > 0) store.noteUse();
  const bridge = createBridge(input.registries);
  const reader = new SnapshotReader(undefined, { store, producers, bridge, histogramAggregation });
  const views = acceptViews(input.views ?? []);
  const userReaders = acceptReaders(input.readers ?? []).map((each) => ({
    each,
    storage: createReaderStorage(each, store, views),
  }));
  const deltas = createDeltas({ ...input, producers }, store, views);
  const others = userReaders.map(({ each, storage }) => withProducer(each, storage.combine));
  const readers = [reader, ...deltas.map((each) => each.reader), ...others];
  return {
    reader,
    sdk: new MeterProvider({ resource: input.resource, views, readers }),
    views,
    deltas,
    mirrors: [...userReaders.map(({ storage }) => storage.mirror), ...deltas.map(({ mirror }) => mirror)].filter(
      isPresent,
    ),
    hasUserReaders: userReaders.length > 0,
    isBridged: bridge !== undefined,
  };
}

function createStore({ config, resource, onUse }: MetricsInput): MetricStore {
  const { limits, exemplars } = config;
  return new MetricStore({ resource, limits, exemplars, ...(onUse && { onUse }) });
}

type Deltas = Pick<deltaMetricsModule.DeltaMetrics, 'mirror' | 'reader'> & Pick<PushLoopOptions, 'snapshot' | 'push'>;

function createDeltas(
  { config, deltas = [], selfMetrics, producers }: MetricsInput & { readonly producers: readonly MetricProducer[] },
  store: MetricStore,
  views: readonly ViewOptions[],
): Deltas[] {
  if (deltas.length === 0) return [];
  const { createDeltaMetrics, createDeltaSums } = load('./delta-metrics.ts') as typeof deltaMetricsModule;
  const { histogramAggregation, limits } = config;
  return deltas.map(({ temporality, push }) => {
    const options = { temporality, histogramAggregation, seriesPerInstrument: limits.seriesPerInstrument, producers };
    const { mirror, reader, snapshot } = createDeltaMetrics(options, store, views);
    const toDeltas = createDeltaSums();
    const ownMetrics = selfMetrics && ((): MetricData[] => toDeltas(selfMetrics()));
    return {
      mirror,
      reader,
      push,
      snapshot: (occasion) => (occasion === 'interval' ? withScope(snapshot(), ownMetrics) : snapshot()),
    };
  });
}

function startLoop(input: MetricsInput, snapshot: PushLoopOptions['snapshot'], stashes: boolean): PushLoop[] {
  // Storage made by a view belongs to all readers: the SDK stashes what one collects for each other one, without end
  // for one that never collects. So ours collects, and throws its snapshot away, where only others would.
  const push = input.push ?? (stashes ? discard : undefined);
  if (push === undefined) return [];
  const { isPushWanted } = input;
  return [
    startPushLoop({ ...paceOf(input), snapshot, push, ...(isPushWanted && !stashes && { isWanted: isPushWanted }) }),
  ];
}

function paceOf({
  config,
  random,
}: MetricsInput): Pick<PushLoopOptions, 'intervalMillis' | 'timeoutMillis' | 'random'> {
  return {
    intervalMillis: config.exportIntervalMillis,
    timeoutMillis: config.exportTimeoutMillis,
    ...(random !== undefined && { random }),
  };
}

/** Adds what this package says of itself. */
async function withScope(
  collected: Promise<CollectionResult>,
  made: (() => MetricData[]) | undefined,
): Promise<CollectionResult> {
  if (made === undefined) return collected;
  const { resourceMetrics, errors } = await collected;
  const metrics = guard('metrics.self', made, []);
  if (metrics.length === 0) return collected;
  const scopeMetrics = [...resourceMetrics.scopeMetrics, { scope: { name: 'duotel', version: VERSION }, metrics }];
  return { resourceMetrics: { ...resourceMetrics, scopeMetrics }, errors };
}

async function discard(): Promise<void> {}
