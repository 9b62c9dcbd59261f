/** Text pages of real and of hand-made metrics, for tests of the renderer. */
import type { Meter } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import type { PageConfig } from '../../src/config/config.ts';
import type { PageFormat } from '../../src/encode/text-format.ts';
import { createPageRenderer, renderText } from '../../src/encode/text.ts';
import { SnapshotReader } from '../../src/metrics/reader.ts';
import { type ParsedFamily, parsePrometheus } from './prometheus-parser.ts';

/** Page of what `record` does with the official SDK, parsed. */
export async function pageOf(
  record: (meter: Meter, provider: MeterProvider) => void,
  options: { resource?: Resource; views?: ViewOptions[] } = {},
): Promise<{ text: string; families: Map<string, ParsedFamily> }> {
  const reader = new SnapshotReader();
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'svc' }),
    readers: [reader],
    ...options,
  });
  record(provider.getMeter('test'), provider);
  const text = renderText((await reader.snapshot()).resourceMetrics);
  return { text, families: parsePrometheus(text) };
}

/** The page of a snapshot in any format. */
export function pageIn(metrics: ResourceMetrics, format: PageFormat, config?: PageConfig): string {
  const steps = createPageRenderer(config).render(metrics, format);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return Buffer.concat(step.value).toString();
}

/** Metrics as a foreign producer may give them, types not respected. */
export function handMade(...scopes: { name: string; metrics: unknown[] }[]): ResourceMetrics {
  return {
    resource: resourceFromAttributes({}),
    scopeMetrics: scopes.map(({ name, metrics }) => ({ scope: { name }, metrics: metrics as MetricData[] })),
  };
}

/** A gauge as a producer hands it over. */
export function gauge(
  name: string,
  points: readonly { attributes: object; value: unknown }[],
  description: unknown = '',
): unknown {
  const descriptor = { name, unit: '', description, valueType: 1 };
  const time = { startTime: [0, 0], endTime: [0, 0] };
  const dataPoints = points.map((point) => ({ ...time, ...point }));
  return {
    descriptor,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints,
  };
}
