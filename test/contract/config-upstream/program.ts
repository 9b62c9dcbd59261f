/**
 * Child of `run.ts`: runs the official NodeSDK once per environment and tells what can be seen of its
 * configuration through public interfaces. What it sends is seen by the test's own server.
 */
import {
  context,
  logs,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { ITEMS } from './items.ts';

const TRIES = 400;
const MANY = 200;

/** Share of spans that are sampled, by parent. */
export interface Shares {
  readonly root: number;
  readonly sampledParent: number;
  readonly unsampledParent: number;
}

/** What is left of a span, its events and its links after the limits; `undefined` when it was not recorded. */
export interface Limits {
  readonly attributes: number;
  readonly events: number;
  readonly links: number;
  readonly eventAttributes: number | undefined;
  readonly linkAttributes: number | undefined;
  readonly textLength: number | null;
}

/** What one run shows. */
export interface Observation {
  /** Names of the headers a request would carry. */
  readonly propagated: readonly string[];
  readonly shares: Shares;
  readonly limits: Limits | undefined;
  /** Whether `/metrics` answers at the port of the environment. */
  readonly scrapeAnswers: boolean;
}

process.once('message', (environments: readonly Readonly<Record<string, string>>[]) => {
  void observeAll(environments).then((observations) => process.send?.(observations, () => process.disconnect()));
});

async function observeAll(environments: readonly Readonly<Record<string, string>>[]): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const environment of environments) observations.push(await observe(environment));
  return observations;
}

async function observe(environment: Readonly<Record<string, string>>): Promise<Observation> {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
  Object.assign(process.env, environment);
  const sdk = new NodeSDK();
  sdk.start();
  emitItems();
  const observation = {
    propagated: observePropagators(),
    shares: observeSampler(),
    limits: observeLimits(),
    scrapeAnswers: await answers(environment['OTEL_EXPORTER_PROMETHEUS_PORT']),
  };
  await sdk.shutdown().catch(() => undefined);
  for (const api of [trace, metrics, logs, propagation, context]) api.disable();
  return observation;
}

function emitItems(): void {
  const tracer = trace.getTracer('contract');
  for (let item = 0; item < ITEMS; item++) tracer.startSpan(`item ${item}`).end();
  metrics.getMeter('contract').createCounter('contract.items').add(ITEMS);
  const attributes = Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`a${index}`, 'x'.repeat(MANY)]));
  logs.getLogger('contract').emit({ body: 'item', attributes });
}

function observePropagators(): readonly string[] {
  const carrier: Record<string, string> = {};
  const withSpan = trace.setSpanContext(ROOT_CONTEXT, spanContext(TraceFlags.SAMPLED));
  const full = propagation.setBaggage(withSpan, propagation.createBaggage({ key: { value: 'value' } }));
  propagation.inject(full, carrier);
  return Object.keys(carrier).toSorted();
}

function observeSampler(): Shares {
  return {
    root: shareOf(),
    sampledParent: shareOf(TraceFlags.SAMPLED),
    unsampledParent: shareOf(TraceFlags.NONE),
  };
}

/** The spans are not ended, so they are not sent. */
function shareOf(parent?: TraceFlags): number {
  const tracer = trace.getTracer('contract');
  let sampled = 0;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const from = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext(parent));
    if (tracer.startSpan('try', {}, from).spanContext().traceFlags & TraceFlags.SAMPLED) sampled++;
  }
  return sampled / TRIES;
}

function spanContext(traceFlags: TraceFlags): SpanContext {
  const hex = (length: number): string =>
    Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  return { traceId: hex(32), spanId: `1${hex(15)}`, traceFlags, isRemote: true };
}

function observeLimits(): Limits | undefined {
  const attributes = Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`a${index}`, 'x'.repeat(MANY)]));
  const links = Array.from({ length: MANY }, () => ({ context: spanContext(TraceFlags.SAMPLED), attributes }));
  const span = trace.getTracer('contract').startSpan('limits', { attributes, links });
  if (!span.isRecording()) return undefined;
  for (let index = 0; index < MANY; index++) span.addEvent('event', attributes);
  const {
    attributes: kept,
    events,
    links: keptLinks,
  } = span as Span & {
    readonly attributes: Readonly<Record<string, string>>;
    readonly events: readonly { readonly attributes?: object }[];
    readonly links: readonly { readonly attributes?: object }[];
  };
  const sizeOf = (value: object | undefined): number | undefined => value && Object.keys(value).length;
  return {
    attributes: Object.keys(kept).length,
    events: events.length,
    links: keptLinks.length,
    eventAttributes: sizeOf(events[0]?.attributes),
    linkAttributes: sizeOf(keptLinks[0]?.attributes),
    textLength: kept['a0']?.length ?? null,
  };
}

async function answers(port: string | undefined): Promise<boolean> {
  if (port === undefined) return false;
  try {
    const response = await fetch(`http://localhost:${port}/metrics`);
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}
