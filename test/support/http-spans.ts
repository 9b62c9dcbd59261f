/** HTTP spans and metrics of two instrumentations over the same traffic, brought into a form that can be compared. */
import type { ReceivedAttributes, ReceivedSpan, Receiver } from '../../src/testing.ts';

/** What one run left. */
export interface Recording {
  /** Fields of each span, by what the span is of, e.g. `client GET /missing`. */
  readonly spans: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Number of measurements of each duration, by metric and attributes. */
  readonly durations: ReadonlyMap<string, number>;
  /** The same, as the attributes of the spans say it should be. */
  readonly expectedDurations: ReadonlyMap<string, number>;
  readonly metrics: ReadonlySet<string>;
}

/** A field of some spans that differs. */
export interface Difference {
  /** Which spans, without what they have in common: `client GET /a, PUT /b`. */
  readonly spans: string;
  readonly field: string;
  readonly official: string;
  readonly ours: string;
}

/** Reads a receiver; `port` is the server's, which differs from run to run. */
export function recordingOf(receiver: Receiver, port: number): Recording {
  const spans = new Map<string, Record<string, unknown>>();
  const expectedDurations = new Map<string, number>();
  for (const span of receiver.spans) {
    const fields = fieldsOf(span, port);
    spans.set(unused(spans, nameOf(span)), fields);
    add(expectedDurations, `http.${span.kind}.request.duration ${project(fields, DIMENSIONS[span.kind] ?? [])}`, 1);
  }
  const durations = new Map<string, number>();
  for (const metric of receiver.metrics) {
    const [, kind = ''] = /^http\.(client|server)\.request\.duration$/.exec(metric.name) ?? [];
    if (kind === '') continue;
    for (const { attributes, count = 0 } of metric.points)
      add(durations, `${metric.name} ${project(portless(attributes, port), DIMENSIONS[kind] ?? [])}`, count);
  }
  return { spans, durations, expectedDurations, metrics: new Set(receiver.metrics.map(({ name }) => name)) };
}

/** Attributes of the metrics, by the semantic conventions. */
const DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  server: [
    'http.request.method',
    'url.scheme',
    'http.response.status_code',
    'network.protocol.version',
    'http.route',
    'error.type',
  ],
  client: [
    'http.request.method',
    'server.address',
    'server.port',
    'http.response.status_code',
    'network.protocol.version',
    'error.type',
  ],
};

/** What differs between the spans of two recordings, the same differences of several spans together. */
export function compareSpans(official: Recording, ours: Recording): Difference[] {
  const found = new Map<string, Difference>();
  for (const name of [...official.spans.keys()].toSorted()) {
    const [theirs = {}, own = {}] = [official.spans.get(name), ours.spans.get(name)];
    for (const field of [...new Set([...Object.keys(theirs), ...Object.keys(own)])].toSorted()) {
      const difference = { field, official: shown(theirs[field], own[field]), ours: shown(own[field], theirs[field]) };
      if (difference.official === difference.ours) continue;
      const [, kind = '', what = ''] = /^(\w+) (.*)$/.exec(name) ?? [];
      const key = JSON.stringify([kind, difference]);
      const before = found.get(key)?.spans;
      found.set(key, { spans: before === undefined ? name : `${before}, ${what}`, ...difference });
    }
  }
  return [...found.values()].toSorted((a, b) => `${a.spans} ${a.field}`.localeCompare(`${b.spans} ${b.field}`, 'en'));
}

/** A value beside its counterpart; what only one side has is named and not repeated, unless it says what went wrong. */
function shown(value: unknown, other: unknown): string {
  if (value === undefined || value === '') return '';
  if ((other === undefined || other === '') && typeof value === 'string' && /^\??\/|^http$|=|^[A-Z]+$/.test(value))
    return 'set';
  return String(value);
}

function nameOf({ kind, attributes }: ReceivedSpan): string {
  const method = String(attributes['http.request.method']);
  const url = String(attributes['url.path'] ?? attributes['url.full']);
  return `${kind} ${method} ${url.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*/, '')}`;
}

function fieldsOf({ name, status, events, attributes }: ReceivedSpan, port: number): Record<string, unknown> {
  // The port of a client's connection is another one each time.
  const { 'network.peer.port': _, ...rest } = portless(attributes, port);
  const said = { name, status: status.code, message: status.message, events: events.map((event) => event.name).join() };
  return { ...rest, ...said };
}

function portless(attributes: ReceivedAttributes, port: number): Record<string, unknown> {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll(`:${port}`, ':1234');
    return Number(value) === port ? 1234 : value;
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, hide(value)]));
}

function project(fields: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => (fields[name] === undefined ? null : String(fields[name]))));
}

function unused(spans: ReadonlyMap<string, unknown>, name: string): string {
  let free = name;
  for (let count = 2; spans.has(free); count++) free = `${name} (${count})`;
  return free;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
