import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { withSpan } from '../../../src/traces/with-span.ts';

const exporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
after(() => {
  trace.disable();
  context.disable();
});

const finished = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name);

test('the value of the work passes through, and spans nest', async () => {
  const value = await withSpan('outer', async () => {
    await Promise.resolve();
    return withSpan('inner', () => 42, { kind: SpanKind.CLIENT });
  });
  assert.equal(value, 42);
  assert.equal(finished('inner')?.parentSpanContext?.spanId, finished('outer')?.spanContext().spanId);
  assert.equal(finished('inner')?.kind, SpanKind.CLIENT);
});

test('an error passes through as the same object and marks the span', async () => {
  const error = new RangeError('too far');
  assert.throws(
    () =>
      withSpan('sync failure', () => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  await assert.rejects(
    withSpan('async failure', () => Promise.reject(error)),
    (thrown) => thrown === error,
  );
  for (const name of ['sync failure', 'async failure']) {
    const span = finished(name);
    assert.deepEqual(span?.status, { code: SpanStatusCode.ERROR, message: 'too far' });
    assert.equal(span?.events[0]?.name, 'exception');
  }
});

test('broken telemetry neither stops nor repeats the work', () => {
  const provider = trace.getTracerProvider() as unknown as { getDelegate(): object; setDelegate(p: object): void };
  const before = provider.getDelegate();
  provider.setDelegate({
    getTracer: () => {
      throw new Error('broken');
    },
  });
  let runs = 0;
  assert.equal(
    withSpan('broken', () => (runs += 1)),
    1,
  );
  provider.setDelegate(before);
  assert.equal(runs, 1);
});
