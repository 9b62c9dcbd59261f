import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { encodeSnapshot } from '../../support/encode-snapshot.ts';
import { renderText } from '../../../src/encode/text.ts';
import { createMetrics } from '../../../src/metrics/provider.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { METRICS_CONFIG } from '../../support/metrics-config.ts';
import { parsePrometheus } from '../../support/prometheus-parser.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
// Ten minutes of a push each second and a scrape each 0.7 s; the normal run has the same rhythm, fifty times as fast.
const PUSH_MILLIS = LONG ? 1_000 : 20;
const SCRAPE_MILLIS = LONG ? 700 : 14;
const TOTAL_MILLIS = LONG ? 600_000 : 3_000;

/** The same number by every kind of instrument, all changed in one go. */
function createWork(meter: Meter): () => void {
  const counter = meter.createCounter('recorded');
  const upDown = meter.createUpDownCounter('up');
  const gauge = meter.createGauge('last');
  const histogram = meter.createHistogram('measured');
  let total = 0;
  meter.createObservableCounter('seen').addCallback((result) => result.observe(total, { kind: 'x' }));
  return () => {
    total += 1;
    counter.add(1, { kind: 'x' });
    upDown.add(1, { kind: 'x' });
    histogram.record(1, { kind: 'x' });
    gauge.record(total, { kind: 'x' });
  };
}

test('T28 pushes and scrapes side by side never contradict each other, and the heap stays flat', async () => {
  const seen: number[][] = [];
  const metrics = createMetrics({
    config: { ...METRICS_CONFIG, exportIntervalMillis: PUSH_MILLIS },
    resource: resourceFromAttributes({ 'service.name': 'svc' }),
    async push(snapshot) {
      encodeSnapshot(snapshot);
      seen.push(
        snapshot.scopeMetrics.flatMap(({ metrics: all }) =>
          all.flatMap(({ dataPoints }) =>
            dataPoints.map(({ value }) => (typeof value === 'number' ? value : value.count)),
          ),
        ),
      );
    },
  });
  const work = createWork(metrics.provider.getMeter('test'));
  const app = setInterval(work, 1);
  work();
  const heaps: number[] = [];
  let scrapes = 0;
  try {
    const from = performance.now();
    while (performance.now() - from < TOTAL_MILLIS) {
      await sleep(SCRAPE_MILLIS);
      const page = parsePrometheus(renderText((await metrics.snapshot()).resourceMetrics));
      seen.push(
        ['recorded_total', 'up', 'last', 'measured', 'seen_total'].map(
          (name) =>
            page.get(name)?.samples.find((sample) => [name, `${name}_count`].includes(sample.name))?.value ??
            Number.NaN,
        ),
      );
      scrapes += 1;
      if (scrapes % 25 === 0) {
        collectGarbage();
        heaps.push(process.memoryUsage().heapUsed);
      }
    }
  } finally {
    clearInterval(app);
    await metrics.close();
  }
  const mismatches = seen.filter((values, index) => {
    const [first = Number.NaN] = values;
    const earlier = seen[index - 1]?.[0] ?? 0;
    return values.length !== 5 || values.some((value) => value !== first) || first < earlier;
  });
  deepEqual(mismatches, []);
  ok(seen.length >= (LONG ? 500 : 50), `${seen.length} instants`);
  // The first ones warm up.
  const [early = 0, late = 0] = [heaps[1], heaps.at(-1)];
  ok(late - early < 1e6, `heap grew from ${early} to ${late}`);
});
