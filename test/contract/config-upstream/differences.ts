/**
 * What we make of an environment otherwise than the official NodeSDK, on purpose. Each row holds both sides, so that
 * the test fails when upstream changes its mind.
 */
import type { Config } from '../../../src/config/config.ts';
import { BASE, type Env, JSON_BASE, OTLP } from './cases.ts';
import { carriedBy, contentEncoding, contentType, pathOf, resourceOf, sharesOf, SIGNALS } from './describe.ts';
import type { Seen } from './run.ts';

/** One row: what each side makes of the same environment. */
export interface Difference<T> {
  readonly title: string;
  readonly why: string;
  readonly env: Env;
  readonly upstream: T;
  readonly ours: T;
  seen(seen: Seen): T;
  resolved(config: Config): T;
}

/** Keeps the types of one row together. */
function difference<T>(row: Difference<T>): Difference<unknown> {
  return row;
}

/** A refused export must not take the exporter's ten seconds of retries. */
const IMPATIENT: Env = { [`${OTLP}_TIMEOUT`]: '100' };
const pathsOf = ({ requests }: Seen): readonly string[] => requests.map(({ path }) => path).toSorted();
const resolvedPaths = (config: Config): readonly string[] =>
  SIGNALS.flatMap((signal) => config[signal].otlp ?? [])
    .map(({ url }) => pathOf(url))
    .toSorted();
const ALL_PATHS = ['/v1/logs', '/v1/metrics', '/v1/traces'];
const NO_WORD = 'An obvious slip is put right and noted; upstream sends to the wrong address or nowhere, in silence.';
const ANY_CASE = 'The specification wants enumerations read in any case.';

export const DIFFERENT: readonly Difference<unknown>[] = [
  difference({
    title: 'nothing set',
    why: 'Nothing configured means nothing leaves; upstream tries localhost:4318.',
    env: { ...IMPATIENT },
    upstream: true,
    ours: false,
    seen: () => true,
    resolved: (config) => SIGNALS.some((signal) => config[signal].otlp !== undefined),
  }),
  difference({
    title: 'a signal path in the base address',
    why: NO_WORD,
    env: { [`${OTLP}_ENDPOINT`]: 'BASE/v1/traces' },
    upstream: ALL_PATHS.map((path) => `/v1/traces${path}`),
    ours: ALL_PATHS,
    seen: pathsOf,
    resolved: resolvedPaths,
  }),
  difference({
    title: 'quotes around the address',
    why: NO_WORD,
    env: { ...IMPATIENT, [`${OTLP}_ENDPOINT`]: '"BASE"' },
    upstream: [],
    ours: ALL_PATHS,
    seen: pathsOf,
    resolved: resolvedPaths,
  }),
  difference({
    title: 'a blank after the address',
    why: NO_WORD,
    env: { [`${OTLP}_ENDPOINT`]: 'BASE/otlp ' },
    upstream: ALL_PATHS.map((path) => `/otlp%20${path}`),
    ours: ALL_PATHS.map((path) => `/otlp${path}`),
    seen: pathsOf,
    resolved: resolvedPaths,
  }),
  difference({
    title: 'a header with a colon',
    why: NO_WORD,
    env: { ...BASE, [`${OTLP}_HEADERS`]: 'x-a: 1' },
    upstream: undefined,
    ours: '1',
    seen: ({ requests }) => requests[0]?.headers['x-a'],
    resolved: (config) => config.traces.otlp?.headers['x-a'],
  }),
  difference({
    title: 'a header whose % starts no escape',
    why: 'Keeping the text is nearer to what was meant than dropping the header.',
    env: { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=100%' },
    upstream: undefined,
    ours: '100%',
    seen: ({ requests }) => requests[0]?.headers['x-a'],
    resolved: (config) => config.traces.otlp?.headers['x-a'],
  }),
  difference({
    title: 'none beside otlp for traces',
    why: 'none means none for every signal, as upstream has it for metrics and logs.',
    env: { ...BASE, OTEL_TRACES_EXPORTER: 'otlp,none' },
    upstream: true,
    ours: false,
    seen: (seen) => pathsOf(seen).includes('/v1/traces'),
    resolved: (config) => config.traces.otlp !== undefined,
  }),
  difference({
    title: 'a sampler in capitals',
    why: ANY_CASE,
    env: { ...BASE, OTEL_TRACES_SAMPLER: 'ALWAYS_OFF' },
    upstream: 1,
    ours: 0,
    seen: ({ shares }) => shares.root,
    resolved: ({ traces }) => sharesOf(traces.sampler).root,
  }),
  difference({
    title: 'a protocol in capitals',
    why: ANY_CASE,
    env: { ...BASE, [`${OTLP}_PROTOCOL`]: 'HTTP/JSON' },
    upstream: 'application/x-protobuf',
    ours: 'application/json',
    seen: ({ requests }) => requests[0]?.headers['content-type'],
    resolved: ({ traces }) => contentType(traces.otlp),
  }),
  difference({
    title: 'a compression in capitals',
    why: ANY_CASE,
    env: { ...BASE, [`${OTLP}_COMPRESSION`]: 'GZIP' },
    upstream: undefined,
    ours: 'gzip',
    seen: ({ requests }) => requests[0]?.headers['content-encoding'],
    resolved: ({ traces }) => contentEncoding(traces.otlp),
  }),
  difference({
    title: 'a propagator in capitals',
    why: ANY_CASE,
    env: { ...BASE, OTEL_PROPAGATORS: 'B3' },
    upstream: [],
    ours: ['b3'],
    seen: ({ propagated }) => propagated,
    resolved: ({ propagators }) => carriedBy(propagators),
  }),
  difference({
    title: 'only unknown propagators',
    why: 'A value that cannot be used keeps the default.',
    env: { ...BASE, OTEL_PROPAGATORS: 'w3c' },
    upstream: [],
    ours: ['baggage', 'traceparent'],
    seen: ({ propagated }) => propagated,
    resolved: ({ propagators }) => carriedBy(propagators),
  }),
  difference({
    title: 'propagation of a disabled SDK',
    why: 'The specification lets propagators work while the SDK is off.',
    env: { ...BASE, OTEL_SDK_DISABLED: 'true' },
    upstream: [],
    ours: ['baggage', 'traceparent'],
    seen: ({ propagated }) => propagated,
    resolved: ({ propagators }) => carriedBy(propagators),
  }),
  difference({
    title: 'xray',
    why: 'Upstream has the package but does not offer it by name.',
    env: { ...BASE, OTEL_PROPAGATORS: 'xray' },
    upstream: [],
    ours: ['x-amzn-trace-id'],
    seen: ({ propagated }) => propagated,
    resolved: ({ propagators }) => carriedBy(propagators),
  }),
  difference({
    title: 'one bad pair among resource attributes',
    why: 'One bad pair does not void the others.',
    env: { ...JSON_BASE, OTEL_RESOURCE_ATTRIBUTES: 'team=a,bad', OTEL_NODE_RESOURCE_DETECTORS: 'env' },
    upstream: undefined,
    ours: 'a',
    seen: (seen) => resourceOf(seen)['team'],
    resolved: ({ resource }) => resource.attributes['team'],
  }),
  difference({
    title: 'a = inside a resource attribute',
    why: 'The first = separates; the rest can only be value.',
    env: { ...JSON_BASE, OTEL_RESOURCE_ATTRIBUTES: 'team=a=b', OTEL_NODE_RESOURCE_DETECTORS: 'env' },
    upstream: undefined,
    ours: 'a=b',
    seen: (seen) => resourceOf(seen)['team'],
    resolved: ({ resource }) => resource.attributes['team'],
  }),
  difference({
    title: 'a negative limit',
    why: 'A value that cannot be used keeps the default.',
    env: { ...BASE, OTEL_SPAN_EVENT_COUNT_LIMIT: '-1' },
    upstream: 1,
    ours: 128,
    seen: ({ limits }) => limits?.events,
    resolved: ({ traces }) => traces.limits.eventCountLimit,
  }),
];
