/**
 * The official NodeSDK as oracle of our reading of the environment: the same variables, the same requests on a real
 * socket, the same samples, limits and propagated headers. Where we differ on purpose, the second table says so and
 * holds both sides, so that it fails when upstream changes its mind.
 *
 * Not compared, because nothing public shows them: timeouts, delays and intervals.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Config, OtlpDestination, PropagatorName, TracesConfig } from '../../src/config/config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { ITEMS, type Limits, type Observation, type Shares } from './config-upstream-program.ts';

type Env = Readonly<Record<string, string>>;
type Signal = 'traces' | 'metrics' | 'logs';
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

interface SentRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Everything seen of one environment. */
interface Seen extends Observation {
  readonly requests: readonly SentRequest[];
}

const OTLP = 'OTEL_EXPORTER_OTLP';
/** `BASE` is the address of the test's server under a path of this case; `PORT` a free port. */
const BASE: Env = { [`${OTLP}_ENDPOINT`]: 'BASE' };
const JSON_BASE: Env = { ...BASE, [`${OTLP}_PROTOCOL`]: 'http/json' };

const SAME: readonly (readonly [title: string, env: Env])[] = [
  ['an endpoint alone', BASE],
  ['an endpoint with a slash at its end', { [`${OTLP}_ENDPOINT`]: 'BASE/' }],
  [
    'an endpoint per signal',
    {
      [`${OTLP}_TRACES_ENDPOINT`]: 'BASE/t',
      [`${OTLP}_METRICS_ENDPOINT`]: 'BASE/m',
      [`${OTLP}_LOGS_ENDPOINT`]: 'BASE/l/v1/logs',
    },
  ],
  [
    'an endpoint for one signal over the one for all',
    { ...BASE, [`${OTLP}_LOGS_ENDPOINT`]: 'BASE/elsewhere?tenant=1' },
  ],
  ['headers', { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1, x-b = two%20words ,x-c=d=e' }],
  [
    'headers per signal over headers for all',
    { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1,x-b=1', [`${OTLP}_TRACES_HEADERS`]: 'x-b=2,x-c=2' },
  ],
  ['a credential', { ...BASE, [`${OTLP}_HEADERS`]: 'Authorization=Basic%20MTIzOmdsY19h' }],
  ['a header with metadata behind a semicolon', { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1;meta=2' }],
  ['http/json', JSON_BASE],
  ['a protocol per signal', { ...BASE, [`${OTLP}_METRICS_PROTOCOL`]: 'http/json' }],
  ['an unknown protocol', { ...BASE, [`${OTLP}_PROTOCOL`]: 'http' }],
  ['gzip', { ...BASE, [`${OTLP}_COMPRESSION`]: 'gzip' }],
  ['gzip for one signal', { ...BASE, [`${OTLP}_LOGS_COMPRESSION`]: 'gzip' }],
  ['an unknown compression', { ...BASE, [`${OTLP}_COMPRESSION`]: 'zstd' }],
  [
    'exporters turned off',
    { ...BASE, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  ],
  [
    'otlp by name',
    { ...BASE, OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' },
  ],
  [
    'empty values',
    {
      ...BASE,
      OTEL_TRACES_EXPORTER: '',
      OTEL_PROPAGATORS: '',
      OTEL_TRACES_SAMPLER: ' ',
      [`${OTLP}_TRACES_ENDPOINT`]: '',
    },
  ],
  ['the SDK disabled', { ...BASE, OTEL_SDK_DISABLED: 'True' }],
  ['a switch that is neither true nor false', { ...BASE, OTEL_SDK_DISABLED: '1' }],
  [
    'Prometheus at a port',
    {
      ...BASE,
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT',
      OTEL_EXPORTER_PROMETHEUS_HOST: 'localhost',
    },
  ],
  [
    'OTLP and Prometheus',
    {
      ...BASE,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT',
      OTEL_EXPORTER_PROMETHEUS_HOST: 'localhost',
    },
  ],
  ['OTLP only, with a port', { ...BASE, OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT' }],
  ['b3', { OTEL_PROPAGATORS: 'b3', ...BASE }],
  ['b3multi and baggage', { OTEL_PROPAGATORS: 'b3multi, baggage', ...BASE }],
  ['no propagator', { OTEL_PROPAGATORS: 'none', ...BASE }],
  ['one unknown propagator among others', { OTEL_PROPAGATORS: 'w3c,tracecontext', ...BASE }],
  ...['always_on', 'parentbased_always_on', 'parentbased_always_off', 'always_off', 'unknown'].map(
    (sampler) => [`sampler ${sampler}`, { ...BASE, OTEL_TRACES_SAMPLER: sampler }] as const,
  ),
  ...['0.25', '0', '1', '', '7', 'half'].flatMap((share) =>
    ['traceidratio', 'parentbased_traceidratio'].map(
      (sampler) =>
        [
          `sampler ${sampler} of "${share}"`,
          { ...BASE, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share },
        ] as const,
    ),
  ),
  ['general limits', { ...JSON_BASE, OTEL_ATTRIBUTE_COUNT_LIMIT: '9', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '17' }],
  [
    'limits of spans over general ones',
    {
      ...JSON_BASE,
      OTEL_ATTRIBUTE_COUNT_LIMIT: '9',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '11',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '13',
    },
  ],
  [
    'limits of events and links',
    {
      ...BASE,
      OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
      OTEL_SPAN_LINK_COUNT_LIMIT: '4',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '5',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '6',
    },
  ],
  ['no attributes of spans', { ...BASE, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0' }],
  [
    'limits of log records over general ones',
    {
      ...JSON_BASE,
      OTEL_ATTRIBUTE_COUNT_LIMIT: '9',
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '12',
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '14',
    },
  ],
  [
    'a limit that is no number',
    { ...JSON_BASE, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'many', OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: 'many' },
  ],
  ['small batches', { ...JSON_BASE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '3' }],
  ['a small queue', { ...JSON_BASE, OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' }],
  ['a queue smaller than the default batch', { ...JSON_BASE, OTEL_BSP_MAX_QUEUE_SIZE: '5' }],
  ['batches of no size', { ...JSON_BASE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' }],
  ['delta metrics', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta' }],
  ['metrics for low memory', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory' }],
  ['an unknown temporality', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both' }],
  [
    'resource attributes',
    {
      ...JSON_BASE,
      OTEL_RESOURCE_ATTRIBUTES: 'team=a, k%20ey = v%2Cal ,,service.name=b',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
    },
  ],
  [
    'a service name over the one of the attributes',
    {
      ...JSON_BASE,
      OTEL_SERVICE_NAME: 'named',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=b',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
    },
  ],
];

/** What we do otherwise on purpose. `upstream` and `ours` hold what each makes of the same environment. */
interface Difference<T> {
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
  return row as Difference<unknown>;
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

const DIFFERENT: readonly Difference<unknown>[] = [
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
    seen: ({ limits }) => Math.min(limits?.events ?? 0, 1),
    resolved: ({ traces }) => traces.limits.eventCountLimit,
  }),
];

const seenBy = new Map<string, { readonly seen: Seen; readonly config: Config }>();
const requests: SentRequest[] = [];
let server: Server;

before(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cases = [...SAME, ...DIFFERENT.map(({ title, env }) => [title, env] as const)];
  const environments: Env[] = [];
  for (const [index, [, env]] of cases.entries())
    environments.push(await fillIn(env, `http://127.0.0.1:${port}/case-${index}`));
  const observations = await runUpstream(environments);
  for (const [index, [title]] of cases.entries()) {
    const environment = environments[index];
    const observation = observations[index];
    assert.ok(environment !== undefined && observation !== undefined);
    const { config } = resolveConfig({ env: environment });
    seenBy.set(title, { config, seen: { ...observation, requests: requestsOf(index) } });
  }
});

after(() => {
  server.closeAllConnections();
  server.close();
});

async function fillIn(env: Env, base: string): Promise<Env> {
  const needsPort = Object.values(env).includes('PORT');
  const port = needsPort ? `${await freePort()}` : '';
  const filled = Object.entries(env).map(([name, value]) => [
    name,
    value === 'PORT' ? port : value.replace('BASE', base),
  ]);
  return { OTEL_NODE_RESOURCE_DETECTORS: 'none', ...(Object.fromEntries(filled) as Env) };
}

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function runUpstream(environments: readonly Env[]): Promise<readonly Observation[]> {
  const child = fork(new URL('config-upstream-program.ts', import.meta.url), {
    env: { PATH: process.env['PATH'] ?? '' },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const ended = once(child, 'exit').then(() => assert.fail('The program ended before it answered.'));
    child.send(environments);
    const [observations] = (await Promise.race([once(child, 'message'), ended])) as [readonly Observation[]];
    return observations;
  } finally {
    child.kill();
  }
}

function requestsOf(index: number): readonly SentRequest[] {
  const prefix = `/case-${index}/`;
  return requests
    .filter(({ path }) => path.startsWith(prefix))
    .map((request) => ({ ...request, path: request.path.slice(prefix.length - 1) }));
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname.replace(/^\/case-\d+/, '')}${search}`;
}

function contentType(otlp: OtlpDestination | undefined): string | undefined {
  return otlp && (otlp.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf');
}

function contentEncoding(otlp: OtlpDestination | undefined): string | undefined {
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

function describeRequest({ path, headers }: SentRequest): object {
  const custom = Object.entries(headers).filter(([name]) => !OWN_HEADERS.includes(name));
  return {
    path,
    type: headers['content-type'],
    encoding: headers['content-encoding'],
    custom: Object.fromEntries(custom),
  };
}

function describeDestination(otlp: OtlpDestination): object {
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

function sharesOf({ name, ratio }: TracesConfig['sampler']): Shares {
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
};

function carriedBy(propagators: readonly PropagatorName[]): readonly string[] {
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

function bodiesOf({ requests }: Seen): readonly JsonBody[] {
  return requests
    .filter(({ headers }) => headers['content-type'] === 'application/json')
    .map(({ headers, body }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body))
    .map((body) => JSON.parse(body.toString()) as JsonBody);
}

function resourceOf(seen: Seen): Readonly<Record<string, string | undefined>> {
  const attributes = bodiesOf(seen).flatMap((body) => body.resourceSpans ?? [])[0]?.resource.attributes ?? [];
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

function assertSameRequests({ seen, config }: { readonly seen: Seen; readonly config: Config }): void {
  const silent = config.traces.sampler.name === 'always_off' || sharesOf(config.traces.sampler).root === 0;
  const expected = SIGNALS.filter((signal) => !config.disabled && !(signal === 'traces' && silent)).flatMap(
    (signal) => config[signal].otlp ?? [],
  );
  const distinct = (values: readonly object[]): readonly string[] =>
    [...new Set(values.map((value) => JSON.stringify(value)))].toSorted();
  const isSure = silent || [0, 1].includes(sharesOf(config.traces.sampler).root);
  const sent = isSure ? seen.requests : [...seen.requests, ...undecided(seen, config)];
  assert.deepEqual(distinct(sent.map(describeRequest)), distinct(expected.map(describeDestination)));
}

/** With a ratio between, seven spans may all be left out; then the request of traces is taken as seen. */
function undecided(seen: Seen, { traces }: Config): readonly SentRequest[] {
  const path = traces.otlp && pathOf(traces.otlp.url);
  if (traces.otlp === undefined || path === undefined || seen.requests.some((request) => request.path === path))
    return [];
  return [{ path, headers: { 'content-type': contentType(traces.otlp) }, body: Buffer.alloc(0) }];
}

function assertSameShares({ shares }: Seen, sampler: TracesConfig['sampler']): void {
  for (const [parent, share] of Object.entries(sharesOf(sampler))) {
    const seen = shares[parent as keyof Shares];
    const tolerance = share === 0 || share === 1 ? 0 : 0.12;
    assert.ok(Math.abs(seen - share) <= tolerance, `${parent}: ${seen} sampled, ${share} expected`);
  }
}

function limitsOf({ limits }: TracesConfig): Limits {
  const attributes = Math.min(limits.attributeCountLimit, 200);
  return {
    attributes,
    events: limits.eventCountLimit,
    links: limits.linkCountLimit,
    eventAttributes: limits.attributePerEventCountLimit,
    linkAttributes: limits.attributePerLinkCountLimit,
    textLength: attributes === 0 ? undefined : Math.min(limits.attributeValueLengthLimit ?? 200, 200),
  };
}

function assertSameBodies(seen: Seen, { traces, metrics, logs, resource }: Config): void {
  const bodies = bodiesOf(seen);
  const spans = bodies
    .flatMap((body) => body.resourceSpans ?? [])
    .map(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans).length);
  assert.ok(Math.max(...spans) <= traces.batch.maxExportBatchSize);
  assert.equal(spans[0], Math.min(traces.batch.maxExportBatchSize, ITEMS, traces.batch.maxQueueSize));
  assert.equal(
    spans.reduce((sum, size) => sum + size, 0),
    Math.min(ITEMS, traces.batch.maxQueueSize),
  );
  const record = bodies.flatMap((body) => body.resourceLogs ?? [])[0]?.scopeLogs[0]?.logRecords[0];
  assert.equal(record?.attributes.length, logs.limits.attributeCountLimit);
  assert.equal(record.attributes[0]?.value.stringValue?.length, logs.limits.attributeValueLengthLimit ?? 200);
  const sum = bodies.flatMap((body) => body.resourceMetrics ?? [])[0]?.scopeMetrics[0]?.metrics[0]?.sum;
  assert.equal(sum?.aggregationTemporality, metrics.temporality === 'cumulative' ? 2 : 1);
  const sent = resourceOf(seen);
  for (const [name, value] of Object.entries(resource.attributes)) assert.equal(sent[name], value);
  if (resource.serviceName !== undefined) assert.equal(sent['service.name'], resource.serviceName);
}

function caseOf(title: string): { readonly seen: Seen; readonly config: Config } {
  const found = seenBy.get(title);
  assert.ok(found !== undefined);
  return found;
}

suite('the environment means to us what it means to the official NodeSDK', () => {
  for (const [title] of SAME) {
    test(title, () => {
      const { seen, config } = caseOf(title);
      assertSameRequests({ seen, config });
      assert.equal(seen.scrapeAnswers, !config.disabled && config.metrics.scrape.open === 'always');
      if (config.disabled) return;
      assert.deepEqual(seen.propagated, carriedBy(config.propagators));
      if (config.traces.otlp === undefined) return;
      assertSameShares(seen, config.traces.sampler);
      if (seen.limits !== undefined) assert.deepEqual(seen.limits, limitsOf(config.traces));
      if (contentType(config.traces.otlp) === 'application/json') assertSameBodies(seen, config);
    });
  }
});

suite('the environment means something else to us than to the official NodeSDK', () => {
  for (const { title, why, ours, upstream, seen, resolved } of DIFFERENT) {
    test(`${title}. ${why}`, () => {
      const found = caseOf(title);
      assert.deepEqual(resolved(found.config), ours);
      assert.deepEqual(seen(found.seen), upstream);
    });
  }
});
