/**
 * What a span did, in Sentry's words: its operation, its description, and what its name is made from.
 *
 * Layer: sentry. Source: develop.sentry.dev, “Span Operations” and “Transaction Annotations”.
 */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

export interface SpanDescription {
  /** `undefined` where there is no word for it. */
  readonly op: string | undefined;
  readonly description: string;
  /** Of a name: whether it is one of few, or as various as addresses are. */
  readonly source: 'custom' | 'route' | 'url' | 'task' | 'component';
}

type Described = Pick<ReadableSpan, 'name' | 'kind' | 'attributes'>;

/** What the application says itself, in attributes of Sentry, wins. */
export function describeSpan(span: Described): SpanDescription {
  const { attributes } = span;
  const found = describeByConvention(span);
  const [op, source] = [attributes['sentry.op'], attributes['sentry.source']];
  return {
    ...found,
    ...(typeof op === 'string' && { op }),
    ...(SOURCES.includes(source as never) && { source: source as SpanDescription['source'] }),
  };
}

const SOURCES: readonly SpanDescription['source'][] = ['custom', 'route', 'url', 'task', 'component'];

function describeByConvention(span: Described): SpanDescription {
  const { name, kind, attributes } = span;
  const text = (...keys: string[]): string | undefined => firstText(attributes, keys);
  if (text('http.request.method', 'http.method') !== undefined) return describeHttp(span);
  const database = text('db.system.name', 'db.system');
  if (database !== undefined) {
    const op = database === 'redis' || database === 'memcached' ? `db.${database}` : 'db';
    return { op, description: text('db.query.text', 'db.statement') ?? name, source: 'task' };
  }
  if (text('rpc.system.name', 'rpc.system', 'rpc.service') !== undefined) {
    return { op: kind === SpanKind.SERVER ? 'rpc.server' : 'rpc', description: name, source: 'route' };
  }
  if (text('messaging.system') !== undefined) {
    return { op: `queue.${messagingVerb(span)}`, description: name, source: 'task' };
  }
  const ai = text('gen_ai.operation.name');
  if (ai !== undefined) return { op: `gen_ai.${ai}`, description: name, source: 'custom' };
  const trigger = text('faas.trigger');
  if (trigger !== undefined) return { op: `function.${trigger}`, description: name, source: 'component' };
  return { op: undefined, description: name, source: 'custom' };
}

function describeHttp({ name, kind, attributes }: Described): SpanDescription {
  const side = kind === SpanKind.CLIENT ? '.client' : kind === SpanKind.SERVER ? '.server' : '';
  const hasRoute = firstText(attributes, ['http.route']) !== undefined;
  // Without a route a name has the method alone, unless somebody puts an address in it.
  return { op: `http${side}`, description: name, source: hasRoute || !name.includes('/') ? 'route' : 'url' };
}

function messagingVerb({ kind, attributes }: Described): string {
  const verb = firstText(attributes, ['messaging.operation.type']);
  if (verb === 'send' || verb === 'publish' || kind === SpanKind.PRODUCER) return 'publish';
  return verb === 'process' || verb === undefined ? 'process' : verb;
}

function firstText(attributes: Attributes, keys: readonly string[]): string | undefined {
  return keys.map((key) => attributes[key]).find((value) => typeof value === 'string');
}
