import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { AlwaysOffSampler, createAlwaysRecordSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { createDeadline } from '../../../src/core/deadline.ts';
import type { BatchLimits, OtlpDestination } from '../../../src/config/config.ts';
import { OtlpLogProcessor, OtlpSpanProcessor } from '../../../src/outputs/otlp.ts';
import { destinationAt, holding, refusedUrl, startServer, startTcpServer, until } from '../delivery/fault-server.ts';
import { LIMITS, onlyOutput, tidy } from './output-support.ts';

const seconds = (count: number): ReturnType<typeof createDeadline> => createDeadline(count * 1000);

function createTraces(destination: OtlpDestination, limits: BatchLimits = LIMITS) {
  const processor = new OtlpSpanProcessor({ destinations: [destination], limits, isSelfDraining: true });
  const output = onlyOutput(processor);
  const provider = new TracerProvider({ spanProcessors: [processor] });
  const endSpans = (count: number): void => {
    for (let index = 0; index < count; index += 1) provider.getTracer('test').startSpan(`span ${index}`).end();
  };
  return { output, provider, endSpans };
}

function createLogs(destination: OtlpDestination) {
  const processor = new OtlpLogProcessor({ destinations: [destination], limits: LIMITS, isSelfDraining: true });
  const output = onlyOutput(processor);
  const provider = new LoggerProvider({ processors: [processor] });
  const emit = (count: number): void => {
    for (let index = 0; index < count; index += 1) provider.getLogger('test').emit({ body: `line ${index}` });
  };
  return { output, provider, emit };
}

test('ended spans arrive in requests of the configured size, as protobuf', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, endSpans } = createTraces(destinationAt(server.url, { compression: 'gzip' }));
  tidy(t, output, server);
  endSpans(600);
  assert.deepEqual(await output.drain(seconds(10)), { status: 'empty', queuedItems: 0 });
  assert.equal(output.stats().sentItems, 600);
  assert.equal(server.requests.length, 2);
  assert.equal(server.requests[0]?.headers['content-type'], 'application/x-protobuf');
  assert.match(gunzipSync(server.requests[0]?.body ?? Buffer.alloc(0)).toString('latin1'), /span 0/);
});

test('log records arrive in requests of the configured size, as JSON', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, emit } = createLogs(destinationAt(server.url, { protocol: 'http/json' }));
  tidy(t, output, server);
  emit(600);
  assert.equal((await output.drain(seconds(10))).status, 'empty');
  assert.equal(output.stats().sentItems, 600);
  const body = JSON.parse(server.requests[0]?.body.toString() ?? '') as { resourceLogs: unknown[] };
  assert.equal(body.resourceLogs.length, 1);
});

test('forceFlush of the logger provider waits for delivery', async (t) => {
  const server = await startServer((_, response) => void setTimeout(() => response.end(), 50));
  const { output, provider, emit } = createLogs(destinationAt(server.url));
  tidy(t, output, server);
  emit(1);
  await provider.forceFlush();
  assert.equal(output.stats().sentItems, 1);
});

test('shutdown of the provider delivers, then closes', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, provider, endSpans } = createTraces(destinationAt(server.url));
  tidy(t, output, server);
  endSpans(3);
  await provider.shutdown();
  assert.equal(output.stats().sentItems, 3);
  assert.equal(output.stats().state, 'closed');
});

test('a request is sent when its time is up, without a flush', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, endSpans } = createTraces(destinationAt(server.url), { ...LIMITS, scheduleDelayMillis: 30 });
  tidy(t, output, server);
  await holding(async () => {
    endSpans(2);
    await until(() => output.stats().sentItems === 2, 'sent');
  });
  assert.equal(server.requests.length, 1);
});

test('the export timeout of the batch bounds a request that nobody answers', async (t) => {
  const server = await startTcpServer(() => undefined);
  const destination = destinationAt(server.url, { timeoutMillis: 60_000 });
  const { output, endSpans } = createTraces(destination, { ...LIMITS, maxExportBatchSize: 1, exportTimeoutMillis: 50 });
  tidy(t, output, server);
  await holding(async () => {
    endSpans(1);
    await until(() => output.stats().state === 'failing', 'given up');
  });
  assert.match(output.stats().lastError ?? '', /50 ms/);
});

test('spans that are not sampled are not sent', async (t) => {
  const server = await startServer((_, response) => response.end());
  const processor = new OtlpSpanProcessor({ destinations: [destinationAt(server.url)], limits: LIMITS });
  const output = onlyOutput(processor);
  tidy(t, output, server);
  const provider = new TracerProvider({
    sampler: createAlwaysRecordSampler(new AlwaysOffSampler()),
    spanProcessors: [processor],
  });
  provider.getTracer('test').startSpan('recorded, not sampled').end();
  await output.drain(seconds(10));
  assert.equal(output.stats().madeItems, 0);
});

test('beyond the configured number, items are dropped and counted', async (t) => {
  const server = await startTcpServer(() => undefined);
  const { output, endSpans } = createTraces(destinationAt(server.url), { ...LIMITS, maxQueueSize: 700 });
  tidy(t, output, server);
  endSpans(2000);
  await output.drain(createDeadline(50));
  const { madeItems, queuedItems, droppedItems } = output.stats();
  // A request is under way, which is no longer in the queue.
  assert.deepEqual([madeItems, queuedItems, droppedItems.queue_full], [2000, 512 + 700, 788]);
});

test('after close items are dropped and counted', async (t) => {
  const { output, endSpans } = createTraces(destinationAt('http://127.0.0.1:1/v1/traces'));
  tidy(t, output);
  output.close();
  endSpans(2);
  await output.drain(seconds(1));
  assert.equal(output.stats().droppedItems.closed, 2);
});

test('nonsense in place of a span does not throw', (t) => {
  const processor = new OtlpSpanProcessor({
    destinations: [destinationAt('http://127.0.0.1:1/v1/traces')],
    limits: LIMITS,
  });
  tidy(t, onlyOutput(processor));
  for (const nonsense of [undefined, null, 7, {}, { spanContext: () => ({ traceFlags: 1 }) }]) {
    assert.doesNotThrow(() => processor.onEnd(nonsense as never));
  }
});

test('when space runs out spans without an error go first', async (t) => {
  const server = await startTcpServer(() => undefined);
  const { output, provider } = createTraces(destinationAt(server.url), { ...LIMITS, maxQueueSize: 50 });
  tidy(t, output, server);
  const tracer = provider.getTracer('test');
  for (let index = 0; index < 100; index += 1) {
    const span = tracer.startSpan(index < 20 ? 'failed' : 'fine');
    if (index < 20) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
  const bodies = output.takeForExit().map(({ body }) => Buffer.from(body).toString('latin1'));
  assert.equal(bodies.join('').match(/failed/g)?.length, 20);
  assert.equal(bodies.join('').match(/fine/g)?.length, 30);
});

test('a refused destination ends a drain at once; closing then tells of the loss, once for all signals', async (t) => {
  const url = await refusedUrl();
  const traces = createTraces(destinationAt(url));
  const logs = createLogs(destinationAt(url.replace('traces', 'logs')));
  const lines = tidy(t, traces.output);
  traces.endSpans(5);
  logs.emit(7);
  const startedAt = performance.now();
  const drained = await Promise.all([traces.output.drain(seconds(10)), logs.output.drain(seconds(10))]);
  assert.deepEqual(drained, [
    { status: 'stuck', queuedItems: 5 },
    { status: 'stuck', queuedItems: 7 },
  ]);
  assert.ok(performance.now() - startedAt < 3000);
  traces.output.close();
  logs.output.close();
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /^DUOTEL_EXPORT_FAILED logs, traces not accepted by http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*Lost so far: 12 items/,
  );
  assert.equal(traces.output.stats().droppedItems.closed, 5);
});

test('a drain collects every batch, also while the destination hangs', async (t) => {
  const server = await startTcpServer(() => undefined);
  const { output, emit } = createLogs(destinationAt(server.url));
  tidy(t, output, server);
  emit(1500);
  assert.deepEqual(await output.drain(createDeadline(300)), {
    status: 'late',
    queuedItems: 1500,
  });
});
