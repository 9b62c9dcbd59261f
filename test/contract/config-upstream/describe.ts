/**
 * Brings what was seen and what was resolved into one form.
 */
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { OtlpDestination, PropagatorName, TracesConfig } from '../../../src/config/config.ts';
import type { Shares } from './program.ts';
import type { Seen, SentRequest } from './run.ts';

export const SIGNALS: readonly ('traces' | 'metrics' | 'logs')[] = ['traces', 'metrics', 'logs'];

export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname.replace(/^\/case-\d+/, '')}${search}`;
}

export function contentType(otlp: OtlpDestination | undefined): string | undefined {
  return otlp && (otlp.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf');
}

export function contentEncoding(otlp: OtlpDestination | undefined): string | undefined {
  return otlp?.compression === 'gzip' ? 'gzip' : undefined;
}

/** Headers every HTTP request has. */
const OWN_HEADERS = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'user-agent',
];

export function describeRequest({ path, headers }: SentRequest): object {
  const custom = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  return {
    path,
    type: headers['content-type'],
    encoding: headers['content-encoding'],
    custom: Object.fromEntries(custom),
  };
}

export function describeDestination(otlp: OtlpDestination): object {
  return { path: pathOf(otlp.url), type: contentType(otlp), encoding: contentEncoding(otlp), custom: otlp.headers };
}

const SHARES: Readonly<Record<string, (ratio: number) => Shares>> = {
  always_on: () => ({ root: 1, sampledParent: 1, unsampledParent: 1 }),
  always_off: () => ({ root: 0, sampledParent: 0, unsampledParent: 0 }),
  traceidratio: (ratio) => ({ root: ratio, sampledParent: ratio, unsampledParent: ratio }),
  parentbased_always_on: () => ({ root: 1, sampledParent: 1, unsampledParent: 0 }),
  parentbased_always_off: () => ({ root: 0, sampledParent: 1, unsampledParent: 0 }),
  parentbased_traceidratio: (ratio) => ({ root: ratio, sampledParent: 1, unsampledParent: 0 }),
};

export function sharesOf({ name, ratio }: TracesConfig['sampler']): Shares {
  const shares = SHARES[name]?.(ratio);
  assert.ok(shares !== undefined);
  return shares;
}

const CARRIED: Readonly<Record<PropagatorName, readonly string[]>> = {
  tracecontext: ['traceparent'],
  baggage: ['baggage'],
  b3: ['b3'],
  b3multi: ['x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid'],
  xray: ['x-amzn-trace-id'],
  sentry: ['sentry-trace'],
  'sentry-incoming': [],
};

export function carriedBy(propagators: readonly PropagatorName[]): readonly string[] {
  return propagators.flatMap((name) => CARRIED[name]).toSorted();
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** What of an OTLP/JSON request is looked at. */
interface JsonBody {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly object[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly { readonly attributes: readonly KeyValue[] }[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly { readonly sum?: { readonly aggregationTemporality: number } }[];
    }[];
  }[];
}

export function bodiesOf({ requests }: Seen): readonly JsonBody[] {
  return requests
    .filter(({ headers }) => headers['content-type'] === 'application/json')
    .map(({ headers, body }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body))
    .map((body) => JSON.parse(body.toString()) as JsonBody);
}

export function resourceOf(seen: Seen): Readonly<Record<string, string | undefined>> {
  const attributes = bodiesOf(seen).flatMap((body) => body.resourceSpans ?? [])[0]?.resource.attributes ?? [];
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}
