import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { createDeadline } from '../../../src/core/deadline.ts';
import { OtlpSpanProcessor } from '../../../src/outputs/otlp.ts';
import { startReceiver } from '../../../src/testing.ts';
import { assertBytesBalance, assertItemsBalance } from '../../support/ledger.ts';
import { destinationAt, holding } from '../delivery/fault-server.ts';
import { LIMITS, tidy } from './output-support.ts';

test('a destination with a ratio gets whole traces, those the official sampler would take, and accounts for no others', async (t) => {
  const [all, some] = [await startReceiver(), await startReceiver()];
  const processor = new OtlpSpanProcessor({
    destinations: [
      destinationAt(`${all.url}/v1/traces`),
      destinationAt(`${some.url}/v1/traces`, { traceRatio: 0.1 }),
      destinationAt(`${some.url}/v1/traces`, { traceRatio: 0 }),
    ],
    limits: LIMITS,
  });
  const [whole, part, none] = processor.outputs;
  assert.ok(whole && part && none);
  for (const output of processor.outputs) tidy(t, output);
  t.after(() => Promise.all([all.close(), some.close()]));
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const ids: string[] = [];
  for (let index = 0; index < 2000; index += 1) {
    const root = tracer.startSpan('root', {}, ROOT_CONTEXT);
    const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root));
    if (index % 7 === 0) child.setStatus({ code: SpanStatusCode.ERROR });
    child.end();
    root.end();
    ids.push(root.spanContext().traceId);
  }
  const official = new TraceIdRatioBasedSampler(0.1);
  const wanted = ids.filter(
    (id) => official.shouldSample(ROOT_CONTEXT, id).decision === SamplingDecision.RECORD_AND_SAMPLED,
  );
  await holding(() => Promise.all(processor.outputs.map((output) => output.drain(createDeadline(10_000)))));
  const receivedIds = some.spans.map(({ traceId }) => traceId).toSorted();
  assert.deepEqual(receivedIds, [...wanted, ...wanted].toSorted());
  assert.equal(all.spans.length, 4000);
  const [wholeStats, partStats, noneStats] = processor.outputs.map((output) => output.stats());
  assert.deepEqual([wholeStats?.sentItems, wholeStats?.filteredItems], [4000, 0]);
  assert.deepEqual([partStats?.sentItems, partStats?.filteredItems], [2 * wanted.length, 4000 - 2 * wanted.length]);
  assert.deepEqual([noneStats?.madeItems, noneStats?.filteredItems, noneStats?.state], [0, 4000, 'unused']);
  for (const output of processor.outputs) {
    assertItemsBalance(output.stats());
    assertBytesBalance(output.stats());
  }
});

test('what nobody wants takes no space, and is no loss after the end of delivery', (t) => {
  const processor = new OtlpSpanProcessor({
    destinations: [destinationAt('http://127.0.0.1:9/v1/traces', { traceRatio: 0 })],
    limits: { ...LIMITS, maxQueueSize: 1 },
  });
  const [output] = processor.outputs;
  assert.ok(output);
  tidy(t, output);
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  for (let index = 0; index < 10; index += 1) tracer.startSpan('span').end();
  output.close();
  tracer.startSpan('late').end();
  const { madeItems, filteredItems } = output.stats();
  assert.deepEqual([madeItems, filteredItems, output.isPending], [0, 11, false]);
});
