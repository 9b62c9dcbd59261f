import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import * as fc from '../support/fast-check.ts';
import { renderText } from '../../src/encode/text.ts';
import { guardMeterProvider } from '../../src/metrics/guarded-meter.ts';
import { SnapshotReader } from '../../src/metrics/reader.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { attributes, number, randomMetrics, text, unit } from '../support/random-metrics.ts';

const kind = fc.constantFrom('counter', 'updown', 'gauge', 'histogram', 'observed');
const instrument = fc.record({
  kind,
  scope: fc.constantFrom('a', 'b'),
  name: text,
  unit,
  description: text,
  points: fc.array(fc.tuple(number, attributes), { maxLength: 4 }),
});

test('whatever an application records, a strict parser accepts the page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(instrument, { maxLength: 8 }), attributes, async (instruments, resource) => {
      const reader = new SnapshotReader(50);
      const sdk = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [reader] });
      const provider = guardMeterProvider(sdk);
      for (const { kind, scope, name, points, ...options } of instruments) {
        const meter = provider.getMeter(scope);
        for (const [n, attributes] of points as [number, never][]) {
          if (kind === 'counter') meter.createCounter(name, options).add(n, attributes);
          else if (kind === 'updown') meter.createUpDownCounter(name, options).add(n, attributes);
          else if (kind === 'gauge') meter.createGauge(name, options).record(n, attributes);
          else if (kind === 'histogram') meter.createHistogram(name, options).record(n, attributes);
          else meter.createObservableCounter(name, options).addCallback((result) => result.observe(n, attributes));
        }
      }
      const page = renderText((await reader.snapshot()).resourceMetrics);
      ok(parsePrometheus(Buffer.from(page)).has('target_info'));
    }),
    { numRuns: 1_000 },
  );
});

test('whatever a foreign metric producer hands over, a strict parser accepts the page', () => {
  fc.assert(
    fc.property(randomMetrics, (metrics) => {
      ok(parsePrometheus(Buffer.from(renderText(metrics))).has('target_info'));
    }),
    { numRuns: 500 },
  );
});
