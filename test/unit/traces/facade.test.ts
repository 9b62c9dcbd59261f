import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { context, SpanKind, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { emptyResource } from '@opentelemetry/resources';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { degradations } from '../../../src/core/guard.ts';
import { createTraces } from '../../../src/traces/provider.ts';
import { createTracerBinding, createTracerFacade } from '../../../src/traces/facade.ts';

const CONFIG = resolveConfig({ env: {} }).config.traces;

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

suite('hostile arguments', () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const hostile = Object.defineProperty({ good: 1 }, 'bad', { enumerable: true, get: boom });

  function make(): { tracer: Tracer; exporter: InMemorySpanExporter } {
    const exporter = new InMemorySpanExporter();
    const binding = createTracerBinding();
    binding.bind(
      createTraces({
        config: CONFIG,
        resource: emptyResource(),
        processors: [new SimpleSpanProcessor({ exporter })],
        sampler: undefined,
        hasUndecidedCallers: false,
      }),
    );
    return { tracer: createTracerFacade(binding).getTracer('t'), exporter };
  }

  test('a span keeps what can be read of its options, and is counted', () => {
    const { tracer, exporter } = make();
    const before = degradations()['traces.startSpan']?.count ?? 0;
    tracer.startSpan('options', { attributes: hostile, kind: SpanKind.CLIENT, links: 7 as never }).end();
    tracer.startSpan('context', {}, 42 as never).end();
    assert.deepEqual(
      exporter.getFinishedSpans().map(({ name, kind, attributes }) => [name, kind, attributes]),
      [
        ['options', SpanKind.CLIENT, { good: 1 }],
        ['context', SpanKind.INTERNAL, {}],
      ],
    );
    assert.ok((degradations()['traces.startSpan']?.count ?? 0) >= before + 3);
  });

  test('span methods keep what can be read, return the span, and always end it', () => {
    const { tracer, exporter } = make();
    const span = tracer.startSpan('s');
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const returned = span
      .setAttributes(hostile)
      .setAttribute('a', revoked.proxy)
      .setAttributes('text' as never)
      .addEvent('event', hostile)
      .addLink(null as never)
      .addLinks('text' as never)
      .setStatus(null as never);
    assert.equal(returned, span);
    span.recordException(Symbol('thrown') as never);
    span.end(new Proxy(new Date(), { getPrototypeOf: boom }));
    const [ended] = exporter.getFinishedSpans();
    assert.deepEqual(ended?.attributes, { good: 1 });
    assert.deepEqual(
      ended?.events.map(({ name, attributes }) => [name, attributes]),
      [
        ['event', { good: 1 }],
        ['exception', { 'exception.message': 'Symbol(thrown)' }],
      ],
    );
    assert.deepEqual(ended?.links, []);
  });

  test('the work of startActiveSpan runs once and its error passes through', () => {
    const { tracer } = make();
    let runs = 0;
    const work = (): never => {
      runs += 1;
      return boom();
    };
    assert.throws(() => tracer.startActiveSpan('s', 7 as never, work), /boom/);
    assert.throws(() => tracer.startActiveSpan('s', {}, null as never, work), /boom/);
    assert.equal(runs, 2);
  });
});
