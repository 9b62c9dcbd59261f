/** The official SDK around the HTTP instrumentation, in this process, and raw sockets to talk to servers with. */
import { type Attributes, context, propagation, type Sampler, SamplingDecision, SpanKind } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import assert from 'node:assert/strict';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { RequestsConfig } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { degradations } from '../../../src/core/guard.ts';
import { instrumentHttp } from '../../../src/instrument/http.ts';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const PARENT_ID = 'b7ad6b7169203331';
/** A request by hand that continues that trace. */
export const REQUEST =
  'GET /path?q=1 HTTP/1.1\r\nHost: shop.example:8080\r\nUser-Agent: raw\r\nConnection: close\r\n' +
  `Traceparent: 00-${TRACE_ID}-${PARENT_ID}-01\r\n\r\n`;

/** The defaults. */
export const REQUESTS: RequestsConfig = resolveConfig({ env: {} }).config.requests;

/** What a sampler was asked. */
export interface Sampled {
  readonly kind: SpanKind;
  readonly name: string;
  readonly attributes: Attributes;
}

export interface Observed {
  readonly tracerProvider: TracerProvider;
  /** Every span that was asked for; those with the path `/unsampled` are not recorded. */
  readonly sampled: Sampled[];
  /** Ended spans of the instrumentation and of the test, oldest first. */
  spans(kind?: SpanKind): ReadableSpan[];
  /** Waits for `count` ended spans of the kind. */
  ended(kind: SpanKind, count?: number): Promise<ReadableSpan[]>;
  /** Points of a metric, by their attributes. */
  points(metric: string): Promise<DataPoint<unknown>[]>;
  clear(): void;
  stop(): void;
}

class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Starts the instrumentation; once per test file, because the globals are the process's. */
export function observe(requests: Partial<RequestsConfig> = {}): Observed {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const exporter = new InMemorySpanExporter();
  const sampled: Sampled[] = [];
  const shouldSample: Sampler['shouldSample'] = (...[, , name, kind, attributes]) => {
    sampled.push({ kind, name, attributes: { ...attributes } });
    const { NOT_RECORD, RECORD_AND_SAMPLED } = SamplingDecision;
    return { decision: attributes['url.path'] === '/unsampled' ? NOT_RECORD : RECORD_AND_SAMPLED };
  };
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    sampler: { shouldSample, toString: () => 'test' },
  });
  const reader = new PullReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const instrumentation = instrumentHttp({ tracerProvider, meterProvider, requests: { ...REQUESTS, ...requests } });
  const spans = (kind?: SpanKind): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => kind === undefined || span.kind === kind);
  return {
    tracerProvider,
    sampled,
    spans,
    ended: async (kind, count = 1) => {
      await until(`${count} spans of kind ${SpanKind[kind]}`, () => spans(kind).length >= count);
      return spans(kind);
    },
    points: async (name) => {
      const { resourceMetrics } = await reader.collect();
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      const wanted = metrics.filter(({ descriptor }) => descriptor.name === name);
      return wanted.flatMap((metric): DataPoint<unknown>[] => metric.dataPoints);
    },
    clear: () => {
      exporter.reset();
      sampled.length = 0;
    },
    stop: () => instrumentation.stop(),
  };
}

/** Waits until `condition` holds. */
export async function until(what: string, condition: () => boolean, budgetMillis = 5000): Promise<void> {
  const end = performance.now() + budgetMillis;
  while (!condition()) {
    if (performance.now() > end) assert.fail(`Waited in vain for ${what}; guarded: ${JSON.stringify(degradations())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A server that closes with the test. */
export interface Served extends Disposable {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}

/** Serves `listener` on a free port of 127.0.0.1. */
export async function serve(listener?: RequestListener, server: Server = createServer()): Promise<Served> {
  if (listener) server.on('request', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A connection to speak HTTP on by hand. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  /** Everything received so far. */
  text(): string;
}

export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text: () => received, [Symbol.dispose]: () => socket.destroy() };
}

/** Sends bytes and gives back what comes until the server closes the connection. */
export async function exchangeRaw(port: number, request: string): Promise<string> {
  using connection = await connectRaw(port);
  connection.socket.write(request);
  await new Promise((resolve) => connection.socket.once('close', resolve));
  return connection.text();
}

/** The part of an object that `expected` names. */
export function pick(attributes: Attributes, expected: Attributes): Attributes {
  return Object.fromEntries(Object.keys(expected).map((name) => [name, attributes[name]]));
}
