import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { SelfMetrics } from '../../../src/metrics/self-metrics.ts';
import { createAccount } from '../../../src/delivery/account.ts';

function valuesOf(metrics: readonly MetricData[], name: string): unknown[] {
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  return (metric?.dataPoints ?? []).map(({ value }) => value);
}

test('what a destination leaves out is counted beside, also when it was sent nothing at all', () => {
  const account = createAccount('traces', 'http://collector/v1/traces');
  assert.deepEqual(new SelfMetrics().snapshot([{ stats: account.stats(), isJson: false }]), []);
  account.filtered(3);
  const metrics = new SelfMetrics().snapshot([{ stats: account.stats(), isJson: false }]);
  assert.deepEqual(valuesOf(metrics, 'duotel.exporter.filtered'), [3]);
  assert.deepEqual(valuesOf(metrics, 'otel.sdk.exporter.span.exported'), [0]);
});

test('tail sampling tells what it kept, dropped and holds once it has seen a span', () => {
  const nothing = { keptSpans: 0, droppedSpans: 0, heldSpans: 0 };
  assert.deepEqual(new SelfMetrics().snapshot([], nothing), []);
  const metrics = new SelfMetrics().snapshot([], { keptSpans: 2, droppedSpans: 5, heldSpans: 1 });
  assert.deepEqual(valuesOf(metrics, 'duotel.tail.spans'), [2, 5]);
  assert.deepEqual(valuesOf(metrics, 'duotel.tail.held'), [1]);
});
