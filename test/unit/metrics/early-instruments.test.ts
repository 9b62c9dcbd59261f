import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { suite, test } from 'node:test';
import * as esm from '@opentelemetry/api';
import type { Meter } from '@opentelemetry/api';
import { degradations } from '../../../src/core/guard.ts';
import { redirectNotices } from '../../../src/core/notices.ts';
import { watchEarlyInstruments } from '../../../src/metrics/early-instruments.ts';

const require = createRequire(import.meta.url);
const COPIES: Readonly<Record<string, Pick<typeof esm, 'createNoopMeter'>>> = {
  'API 1.10, ES module': esm,
  'API 1.10, CommonJS': require('@opentelemetry/api') as typeof esm,
  'API 1.9': require('api-1-9') as typeof esm,
};

const losses = (): number => degradations()['metrics.early-instrument']?.count ?? 0;

for (const [name, copy] of Object.entries(COPIES)) {
  suite(name, () => {
    test('records on early instruments are counted and told once; afterwards the no-ops are as before', (t) => {
      const lines: string[] = [];
      t.after(redirectNotices((line) => lines.push(line)));
      const meter = copy.createNoopMeter();
      const record = (): void => {
        counter.add(1);
        upDown.add(1, { a: 1 });
        histogram.record(1);
        gauge.record(1);
        observable.addCallback(() => undefined);
      };
      const [counter, upDown] = [meter.createCounter('c'), meter.createUpDownCounter('u')];
      const [histogram, gauge] = [meter.createHistogram('h'), meter.createGauge('g')];
      const observable = meter.createObservableGauge('o');
      const before = losses();
      const unwatch = watchEarlyInstruments([copy], () => meter);
      record();
      assert.equal(losses() - before, 5);
      unwatch();
      record();
      assert.equal(losses() - before, 5);
      assert.deepEqual(lines.length, 1);
      assert.match(lines[0] ?? '', /^DUOTEL_EARLY_INSTRUMENTS /);
      assert.deepEqual([Object.keys(meter), Object.keys(counter)], [[], []]);
    });

    test('what an early meter makes later comes from the meter in charge', (t) => {
      const made: string[] = [];
      const rescue = new Proxy({}, { get: (_, maker) => () => made.push(String(maker)) });
      const meter = copy.createNoopMeter();
      t.after(watchEarlyInstruments([copy], () => rescue as Meter));
      meter.createCounter('late');
      meter.createObservableGauge('watched');
      meter.addBatchObservableCallback(() => undefined, []);
      assert.deepEqual(made, ['createCounter', 'createObservableGauge', 'addBatchObservableCallback']);
    });

    test('the metrics of the SDK about itself are no-ops on purpose: neither counted nor made', (t) => {
      const meter = copy.createNoopMeter();
      const counter = meter.createCounter('otel.sdk.span.started');
      const before = losses();
      t.after(
        watchEarlyInstruments([copy], () => {
          throw new Error('asked');
        }),
      );
      counter.add(1, { 'otel.component.name': 'batching_span_processor/0' });
      meter.createCounter('otel.sdk.span.live').add(1);
      meter.createObservableUpDownCounter('otel.sdk.processor.span.queue.size').addCallback(() => undefined);
      assert.equal(losses(), before);
    });
  });
}
