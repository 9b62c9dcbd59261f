import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createTracerBinding, createTracerFacade } from '../../../src/traces/facade.ts';

function recorder(): { provider: TracerProvider; names: () => string[] } {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return { provider, names: () => exporter.getFinishedSpans().map((span) => span.name) };
}

test('a tracer made before the provider records after it, and with the next provider too', () => {
  const binding = createTracerBinding();
  const tracer = createTracerFacade(binding).getTracer('early');
  assert.equal(tracer.startSpan('before').isRecording(), false);
  const [first, second] = [recorder(), recorder()];
  binding.bind(first.provider);
  tracer.startSpan('one').end();
  binding.bind(second.provider);
  tracer.startSpan('two').end();
  binding.release();
  assert.equal(tracer.startSpan('after').isRecording(), false);
  assert.deepEqual([first.names(), second.names()], [['one'], ['two']]);
});

test('startActiveSpan works in its three forms', (t) => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  t.after(() => context.disable());
  const binding = createTracerBinding();
  const { provider, names } = recorder();
  binding.bind(provider);
  const tracer = createTracerFacade(binding).getTracer('t');
  const results = [
    tracer.startActiveSpan('a', (span) => (span.end(), 1)),
    tracer.startActiveSpan('b', { attributes: { x: 1 } }, (span) => (span.end(), 2)),
    tracer.startActiveSpan('c', {}, context.active(), (span) => (span.end(), 3)),
  ];
  assert.deepEqual(
    [results, names()],
    [
      [1, 2, 3],
      ['a', 'b', 'c'],
    ],
  );
});
