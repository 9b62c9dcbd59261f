/**
 * A source of metrics beside the provider: the registries of another library.
 *
 * Layer: metrics. What it takes is loaded when there are registries.
 */
import { createRequire } from 'node:module';
import type { MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type * as NameCollision from './name-collision.ts';
import type * as PromClient from './prom-client.ts';

const load = createRequire(import.meta.url);

/** What a snapshot needs to hold the metrics of both sources. */
export interface SnapshotBridge {
  readonly producer: MetricProducer;
  /** Settles what both sources bring under one name. */
  readonly settle: (metrics: ResourceMetrics) => ResourceMetrics;
}

/** @param registries - of prom-client; without any there is no bridge */
export function createBridge(registries: readonly object[] | undefined): SnapshotBridge | undefined {
  if (registries === undefined || registries.length === 0) return undefined;
  const { createPromClientProducer } = load('./prom-client.ts') as typeof PromClient;
  const { withoutTakenNames } = load('./name-collision.ts') as typeof NameCollision;
  return { producer: createPromClientProducer(registries), settle: withoutTakenNames };
}
