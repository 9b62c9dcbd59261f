import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { context, ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import {
  createConsoleLogProcessor,
  createConsoleMetricPrinter,
  createConsoleSpanProcessor,
} from '../../../src/outputs/console.ts';

test('a span is one line with name, duration, status, ids, attributes and events', () => {
  const lines: string[] = [];
  const processor = createConsoleSpanProcessor((line) => lines.push(line));
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const parent = tracer.startSpan('parent', {}, ROOT_CONTEXT);
  const span = tracer.startSpan(
    'GET /shop',
    { kind: SpanKind.SERVER, attributes: { shop: 'a' } },
    trace.setSpan(context.active(), parent),
  );
  span.addEvent('retried', { count: 2 });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'two\nlines' }).end();
  assert.equal(lines.length, 1);
  const { traceId, spanId } = span.spanContext();
  const parentId = parent.spanContext().spanId;
  assert.match(lines[0] ?? '', /^span server GET \/shop \d+\.\d ms ERROR two lines /);
  assert.ok(
    lines[0]?.endsWith(`trace=${traceId} span=${spanId} parent=${parentId} { shop: 'a' } event retried { count: 2 }\n`),
  );
});

test('a log record is one line with time, severity, body, ids and attributes', () => {
  const lines: string[] = [];
  const processor = createConsoleLogProcessor((line) => lines.push(line));
  const logger = new LoggerProvider({ processors: [processor] }).getLogger('test');
  const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  const timestamp = new Date('2026-11-21T10:00:00Z');
  logger.emit({
    timestamp,
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    body: 'low stock',
    attributes: { left: 2 },
    context: trace.setSpanContext(ROOT_CONTEXT, spanContext),
  });
  logger.emit({ timestamp, body: { nested: ['structure'] } });
  assert.deepEqual(lines, [
    `log 2026-11-21T10:00:00.000Z WARN low stock trace=${'1'.repeat(32)} span=${'2'.repeat(16)} { left: 2 }\n`,
    "log 2026-11-21T10:00:00.000Z { nested: [ 'structure' ] }\n",
  ]);
});

test('each data point is one line with its value and attributes', async () => {
  class ManualReader extends MetricReader {
    protected override onForceFlush = (): Promise<void> => Promise.resolve();
    protected override onShutdown = (): Promise<void> => Promise.resolve();
  }
  const reader = new ManualReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  meter.createCounter('orders').add(3, { shop: 'a' });
  for (const value of [0.1, 0.3]) meter.createHistogram('duration', { unit: 's' }).record(value);
  const lines: string[] = [];
  await createConsoleMetricPrinter((line) => lines.push(line)).push((await reader.collect()).resourceMetrics);
  assert.deepEqual(lines, ["metric orders 3 { shop: 'a' }\n", 'metric duration count=2 sum=0.4 min=0.1 max=0.3 s\n']);
});

test('an item that cannot be described is skipped, and nothing is thrown', () => {
  const lines: string[] = [];
  createConsoleSpanProcessor((line) => lines.push(line)).onEnd(undefined as never);
  createConsoleSpanProcessor(() => {
    throw new Error('stderr is gone');
  }).onEnd(undefined as never);
  assert.deepEqual(lines, []);
});

test('lines go to stderr, never to stdout', () => {
  const program = `
    import { createConsoleMetricPrinter } from '${new URL('../../../src/outputs/console.ts', import.meta.url).href}';
    const metric = { descriptor: { name: 'orders', unit: '' }, dataPoints: [{ attributes: {}, value: 3 }] };
    await createConsoleMetricPrinter().push({ scopeMetrics: [{ metrics: [metric] }] });
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  assert.deepEqual({ stdout, stderr, status }, { stdout: '', stderr: 'metric orders 3\n', status: 0 });
});
