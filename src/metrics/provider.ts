/**
 * Metrics: the official meter provider with our one reader, the user's readers and views, and the push loop.
 *
 * Layer: metrics. The SDK's storage stands where the own store will be (docs/explanation/architecture.md).
 */
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { guardAsync } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { MetricsConfig } from '../config/config.ts';
import { createBridge } from './bridge.ts';
import { guardMeterProvider } from './guarded-meter.ts';
import { type PushLoop, type PushMetrics, startPushLoop } from './push.ts';
import { SnapshotReader } from './reader.ts';
import { acceptReaders, acceptViews } from './user-parts.ts';

/** What a meter provider is made of. */
export interface MetricsInput {
  readonly config: MetricsConfig;
  readonly resource: Resource;
  /** Sends one snapshot to every destination; `undefined` when metrics are only scraped. */
  readonly push: PushMetrics | undefined;
  /** Called whenever a meter is taken. */
  readonly onUse?: () => void;
  /** The user's own, beside ours. */
  readonly readers?: readonly object[];
  /** The user's `ViewOptions`. */
  readonly views?: readonly object[];
  /** Registries of prom-client. */
  readonly registries?: readonly object[] | undefined;
  /** 0 to below 1; replaced in tests. */
  readonly random?: () => number;
}

/** Metrics of one run. No method rejects. */
export interface Metrics {
  readonly provider: ApiMeterProvider;
  /** Whether anything can have been recorded. */
  readonly isUsed: () => boolean;
  /** Source of every page and every push. */
  readonly reader: SnapshotReader;
  /** Pushes what is recorded until now, and flushes the user's readers. */
  flush(): Promise<void>;
  /** Stops the push loop and the readers, without another push of ours. */
  close(): Promise<void>;
}

/** Makes the meter provider of one run and starts pushing. */
export function createMetrics(input: MetricsInput): Metrics {
  const { config, resource } = input;
  if (config.temporality !== 'cumulative' && input.push !== undefined) reportTemporality(config.temporality);
  const bridge = createBridge(input.registries);
  const reader = new SnapshotReader(undefined, { bridge });
  const userReaders = acceptReaders(input.readers ?? []);
  const views = acceptViews(input.views ?? []);
  const sdk = new MeterProvider({ resource, views, readers: [reader, ...userReaders] });
  let isUsed = bridge !== undefined;
  const loop = startLoop(input, reader, userReaders.length > 0 && views.length > 0);
  return {
    provider: guardMeterProvider(sdk, () => {
      isUsed = true;
      input.onUse?.();
    }),
    isUsed: () => isUsed,
    reader,
    async flush() {
      await Promise.all([loop?.flush(), guardAsync('metrics.flush', () => sdk.forceFlush(), undefined)]);
    },
    async close() {
      loop?.stop();
      await guardAsync('metrics.close', () => sdk.shutdown(), undefined);
    },
  };
}

function startLoop(input: MetricsInput, reader: SnapshotReader, stashes: boolean): PushLoop | undefined {
  // Storage made by a view belongs to all readers: the SDK stashes what one collects for each other one, without end
  // for one that never collects. So ours collects, and throws its snapshot away, where only the user's would.
  const push = input.push ?? (stashes ? discard : undefined);
  if (push === undefined) return undefined;
  return startPushLoop({
    snapshot: () => reader.snapshot(),
    push,
    intervalMillis: input.config.exportIntervalMillis,
    timeoutMillis: input.config.exportTimeoutMillis,
    ...(input.random === undefined ? {} : { random: input.random }),
  });
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
