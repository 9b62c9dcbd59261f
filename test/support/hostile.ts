/**
 * Values that break code which trusts its arguments, and every door of the OpenTelemetry API they can be handed to.
 *
 * A door is what an application calls. Left out is what throws without telemetry too, because the API's own helpers do
 * it: a context that is none in `trace.setSpan()`, work that is no function in `context.with()`.
 */
import type * as Api from '@opentelemetry/api';

/** The part of an API copy that the doors use. */
type ApiCopy = typeof Api;

const boom = (): never => {
  throw new Error('hostile');
};

/** One value each. */
export function createHostileValues(): Readonly<Record<string, unknown>> {
  const circular: Record<string, unknown> = { name: 'circular' };
  circular['self'] = circular;
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const traps = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [trap, boom]),
  ) as ProxyHandler<object>;
  return {
    undefined,
    null: null,
    bigint: 10n ** 30n,
    symbol: Symbol('hostile'),
    function: () => boom(),
    circular,
    huge: 'x'.repeat(1024 * 1024),
    array: Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? index : null)),
    sparse: Object.assign([], { 999: 1 }),
    surrogate: 'a\ud800b\udc00',
    nul: '\0\n\u2028',
    nan: Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    negative: -Number.MAX_VALUE,
    getter: Object.defineProperty({}, 'boom', { enumerable: true, get: boom }),
    proxy: new Proxy({}, traps),
    callable: new Proxy(() => undefined, { ...traps, apply: boom }),
    revoked,
    bare: Object.create(null),
    unprintable: { toString: boom, valueOf: boom, toJSON: boom, [Symbol.toPrimitive]: boom },
    iterator: { [Symbol.iterator]: boom, length: 3 },
    error: Object.assign(new Error('x'), { code: { toString: boom }, stack: 7, message: Symbol('m') }),
    // oxlint-disable-next-line unicorn/no-thenable -- that is the point
    then: { then: boom },
    date: new Date(Number.NaN),
    nested: { a: { b: { c: [{ get d() { return boom(); } }] } } }, // oxfmt-ignore
  };
}

/** Calls one door with hostile arguments; must not throw. */
export type Door = (a: unknown, b: unknown) => void;

/** Every door. Spans, instruments and loggers are made anew now and then, so that they do not fill up. */
export function createDoors(api: ApiCopy): Readonly<Record<string, Door>> {
  return { ...spanDoors(api), ...tracerDoors(api), ...logDoors(api), ...metricDoors(api), ...contextDoors(api) };
}

type Any = never;

function spanDoors({ trace, SpanStatusCode }: ApiCopy): Record<string, Door> {
  const onSpan = (use: (span: Api.Span, a: Any, b: Any) => void): Door => {
    return (a, b) => {
      const span = trace.getTracer('hostile').startSpan('span');
      use(span, a as Any, b as Any);
      span.end();
      use(span, a as Any, b as Any);
    };
  };
  return {
    'span.setAttribute value': onSpan((span, a) => span.setAttribute('key', a)),
    'span.setAttribute key': onSpan((span, a, b) => span.setAttribute(a, b)),
    'span.setAttributes': onSpan((span, a) => span.setAttributes(a)),
    'span.setAttributes value': onSpan((span, a, b) => span.setAttributes({ a, b, good: 1 })),
    'span.addEvent': onSpan((span, a, b) => span.addEvent(a, b)),
    'span.addEvent time': onSpan((span, a, b) => span.addEvent('event', { a }, b)),
    'span.addLink': onSpan((span, a) => span.addLink(a)),
    'span.addLink parts': onSpan((span, a, b) => span.addLink({ context: a, attributes: b })),
    'span.addLinks': onSpan((span, a, b) => span.addLinks(a).addLinks([a, b])),
    'span.setStatus': onSpan((span, a) => span.setStatus(a)),
    'span.setStatus parts': onSpan((span, a, b) => span.setStatus({ code: a, message: b })),
    'span.setStatus message': onSpan((span, a) => span.setStatus({ code: SpanStatusCode.ERROR, message: a })),
    'span.updateName': onSpan((span, a) => span.updateName(a)),
    'span.recordException': onSpan((span, a, b) => span.recordException(a, b)),
    'span.recordException parts': onSpan((span, a, b) =>
      span.recordException({ message: a, name: b, stack: a, code: b }),
    ),
    'span.end': onSpan((span, a) => span.end(a)),
  };
}

function tracerDoors({ trace }: ApiCopy): Record<string, Door> {
  const tracer = trace.getTracer('hostile');
  const provider = trace.getTracerProvider();
  return {
    'tracer.startSpan name': (a) => tracer.startSpan(a as Any).end(),
    'tracer.startSpan options': (a, b) => tracer.startSpan('span', a as Any, b as Any).end(),
    'tracer.startSpan parts': (a, b) =>
      tracer
        .startSpan('span', {
          attributes: a as Any,
          kind: b as Any,
          links: a as Any,
          startTime: b as Any,
          root: a as Any,
        })
        .end(),
    'tracer.startSpan attributes': (a, b) => tracer.startSpan('span', { attributes: { a: a, b: b } }).end(),
    'tracer.startSpan links': (a, b) =>
      tracer.startSpan('span', { links: [a as Any, { context: b as Any, attributes: { a: a } }] }).end(),
    'tracer.startSpan context': (a) => tracer.startSpan('span', {}, a as Any).end(),
    'tracer.startActiveSpan': (a, b) => tracer.startActiveSpan(a as Any, b as Any, (span: Api.Span) => span.end()),
    'tracer.startActiveSpan context': (a, b) =>
      tracer.startActiveSpan('span', a as Any, b as Any, (span: Api.Span) => span.end()),
    'getTracer name': (a, b) =>
      trace
        .getTracer(a as Any, b as Any)
        .startSpan('span')
        .end(),
    'getTracer options': (a, b) =>
      provider
        .getTracer('t', '1', a as Any)
        .startSpan(b as Any)
        .end(),
    'getTracer schema': (a) =>
      provider
        .getTracer('t', '1', { schemaUrl: a as Any })
        .startSpan('span')
        .end(),
  };
}

function logDoors({ logs }: ApiCopy): Record<string, Door> {
  const logger = logs.getLogger('hostile');
  const one = (part: string): Door => {
    return (a) => logger.emit({ body: 'body', [part]: a });
  };
  const parts = 'body attributes severityNumber severityText timestamp observedTimestamp eventName context exception';
  return {
    ...Object.fromEntries(parts.split(' ').map((part) => [`logger.emit ${part}`, one(part)])),
    'logger.emit': (a) => logger.emit(a as Any),
    'logger.emit attribute': (a, b) => logger.emit({ body: { a: a as Any }, attributes: { a: a, b: b } }),
    'logger.enabled': (a, b) => {
      logger.enabled(a as Any);
      logger.enabled({ severityNumber: a as Any, eventName: b as Any, context: b as Any });
    },
    'getLogger name': (a, b) => logs.getLogger(a as Any, b as Any).emit({ body: 'body' }),
    'getLogger options': (a, b) => logs.getLogger('l', '1', a as Any).emit({ body: b }),
    'getLogger attributes': (a, b) =>
      logs
        .getLogger('l', '1', { schemaUrl: a as Any, attributes: { b: b as Any }, includeTraceContext: a as Any } as Any)
        .emit({}),
  };
}

function metricDoors({ metrics }: ApiCopy): Record<string, Door> {
  const meter = metrics.getMeter('hostile');
  const counter = meter.createCounter('c');
  const upDown = meter.createUpDownCounter('u');
  const histogram = meter.createHistogram('h', { unit: 's' });
  const gauge = meter.createGauge('g');
  const observable = meter.createObservableGauge('o');
  const makers = [
    'createCounter',
    'createUpDownCounter',
    'createHistogram',
    'createGauge',
    'createObservableCounter',
    'createObservableUpDownCounter',
    'createObservableGauge',
  ] as const;
  return {
    'counter.add': (a, b) => counter.add(a as Any, { b: b as Any }),
    'counter.add attributes': (a, b) => counter.add(1, a as Any, b as Any),
    'upDownCounter.add': (a, b) => upDown.add(a as Any, { key: b as Any }, b as Any),
    'histogram.record': (a, b) => histogram.record(a as Any, b as Any),
    'gauge.record': (a, b) => gauge.record(a as Any, { key: b as Any }),
    'observable.addCallback': (a) => {
      observable.addCallback(a as Any);
      observable.removeCallback(a as Any);
    },
    'observable callback': (a, b) => {
      const callback = (result: Api.ObservableResult): void => {
        result.observe(a as Any, b as Any);
        throw a as Error;
      };
      observable.addCallback(callback);
      observable.removeCallback(callback);
    },
    'meter.batch': (a, b) => {
      meter.addBatchObservableCallback(a as Any, b as Any);
      meter.addBatchObservableCallback(a as Any, [b as Any, observable]);
      meter.removeBatchObservableCallback(a as Any, b as Any);
    },
    ...Object.fromEntries(
      makers.map((maker): [string, Door] => [
        `meter.${maker}`,
        (a, b) => {
          meter[maker](a as Any, b as Any);
          meter[maker]('valid', { unit: a as Any, description: b as Any, valueType: a as Any, advice: b as Any });
        },
      ]),
    ),
    'getMeter name': (a, b) =>
      metrics
        .getMeter(a as Any, b as Any)
        .createCounter('c')
        .add(1),
    'getMeter options': (a, b) =>
      metrics
        .getMeter('m', '1', a as Any)
        .createHistogram('h')
        .record(b as Any),
    'getMeter schema': (a) =>
      metrics
        .getMeter('m', '1', { schemaUrl: a as Any })
        .createCounter('c')
        .add(1),
  };
}

function contextDoors({ context, propagation, trace, ROOT_CONTEXT, createContextKey }: ApiCopy): Record<string, Door> {
  const key = createContextKey('hostile');
  const look = (): void => {
    trace.getActiveSpan();
    propagation.getActiveBaggage();
    trace.getTracer('hostile').startSpan('inside').end();
  };
  return {
    'context.with': (a, b) => context.with(a as Any, look, b),
    'context.bind': (a, b) => {
      context.bind(a as Any, look)();
      context.bind(ROOT_CONTEXT, b);
    },
    'context value': (a) => context.with(ROOT_CONTEXT.setValue(key, a), look),
    'propagation.inject': (a, b) => propagation.inject(a as Any, b as Any),
    'propagation.inject carrier': (a, b) => propagation.inject(context.active(), a, b as Any),
    'propagation.extract': (a, b) => propagation.extract(a as Any, b as Any),
    'propagation.extract header': (a, b) => propagation.extract(ROOT_CONTEXT, { traceparent: a, baggage: b }),
    'propagation.extract getter': (a, b) => propagation.extract(ROOT_CONTEXT, a, b as Any),
    'propagation.fields': () => propagation.fields(),
  };
}
