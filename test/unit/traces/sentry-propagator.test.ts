import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { SentryPropagator } from '@sentry/opentelemetry';
import type { PropagatorName } from '../../../src/config/config.ts';
import { parseDsn } from '../../../src/config/dsn.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { createPropagator } from '../../../src/traces/named-propagators.ts';
import { createTraces } from '../../../src/traces/provider.ts';
import { isUndecided, sentryCallerOf } from '../../../src/traces/sentry-caller.ts';
import { type SentryDirection, SentryTracePropagator } from '../../../src/traces/sentry-propagator.ts';
import { acceptPropagator } from '../../../src/traces/user-parts.ts';
import { emptyResource } from '@opentelemetry/resources';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OTHER = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = 'b7ad6b7169203331';
const DSN = 'https://key@o1.ingest.sentry.example/42';

function propagator(direction: SentryDirection = 'incoming', tracesSampleRate = 1): SentryTracePropagator {
  const parsed = parseDsn(DSN);
  assert.ok(parsed.ok);
  return new SentryTracePropagator(direction, { dsn: parsed.dsn, tracesSampleRate });
}

const extract = (headers: object, from: Context = ROOT_CONTEXT): Context =>
  propagator().extract(from, headers, defaultTextMapGetter);

function callerOf(headers: object) {
  return sentryCallerOf(extract(headers), TRACE);
}

suite('incoming', () => {
  test('the trace of a caller is continued; only its yes is a decision about the trace', () => {
    for (const [header, isSampled] of [
      [`${TRACE}-${SPAN}-1`, true],
      [`${TRACE}-${SPAN}-0`, false],
      [`${TRACE}-${SPAN}`, undefined],
      [`${TRACE}-${SPAN}-`, undefined],
      [` ${TRACE.toUpperCase()}-${SPAN.toUpperCase()}-1 `, true],
    ] as const) {
      const context = extract({ 'sentry-trace': header });
      const traceFlags = isSampled === true ? TraceFlags.SAMPLED : TraceFlags.NONE;
      assert.deepEqual(trace.getSpanContext(context), { traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
      assert.equal(sentryCallerOf(context, TRACE)?.isSampled, isSampled);
      assert.equal(isUndecided(context), isSampled !== true);
    }
  });

  test('a parent that is known already stays; the caller is heard about Sentry if it is the same trace', () => {
    for (const traceId of [TRACE, OTHER]) {
      const found = { traceId, spanId: '1'.repeat(16), traceFlags: TraceFlags.NONE, isRemote: true };
      const context = extract({ 'sentry-trace': `${TRACE}-${SPAN}-1` }, trace.setSpanContext(ROOT_CONTEXT, found));
      assert.equal(trace.getSpanContext(context), found);
      assert.equal(sentryCallerOf(context, traceId)?.isSampled, traceId === TRACE ? true : undefined);
      assert.equal(isUndecided(context), false);
    }
  });

  test('members of Sentry in the baggage are read, decoded, and no others', () => {
    const baggage = `a=1, sentry-trace_id=${TRACE} ,sentry-environment=a%20b,sentry-release=%E0%A4%A,sentry-x`;
    assert.deepEqual(callerOf({ 'sentry-trace': `${TRACE}-${SPAN}-1`, baggage })?.baggage, {
      trace_id: TRACE,
      environment: 'a b',
    });
  });

  test('a trace of another organization is not continued, where both are known', () => {
    const header = { 'sentry-trace': `${TRACE}-${SPAN}-1` };
    assert.equal(extract({ ...header, baggage: 'sentry-org_id=2' }), ROOT_CONTEXT);
    assert.notEqual(extract({ ...header, baggage: 'sentry-org_id=1' }), ROOT_CONTEXT);
  });

  test('hostile values leave the context as it was, and cost no time', () => {
    const started = performance.now();
    for (const header of [
      '',
      '-',
      `${'0'.repeat(32)}-${SPAN}-1`,
      `${TRACE}-${'0'.repeat(16)}-1`,
      `${TRACE}-${SPAN}-2`,
      `${TRACE}-${SPAN}-1-1`,
      `${TRACE}${SPAN}`,
      `${TRACE}-${SPAN}-1, ${TRACE}-${SPAN}-1`,
      `${' '.repeat(1_000_000)}${TRACE}-${SPAN}-1`,
      'a'.repeat(1_000_000),
      `${TRACE.slice(1)}\u0430-${SPAN}-1`,
    ])
      assert.equal(extract({ 'sentry-trace': header }), ROOT_CONTEXT, header.slice(0, 80));
    for (const value of [1, {}, null, [], [[]], Symbol.iterator])
      assert.equal(extract({ 'sentry-trace': value }), ROOT_CONTEXT);
    for (const baggage of [
      'sentry-'.repeat(1_000_000),
      ','.repeat(8000),
      '=',
      'sentry-=x'.repeat(500),
      'sentry-__proto__=1',
      {},
      null,
    ]) {
      const read = callerOf({ 'sentry-trace': `${TRACE}-${SPAN}-1`, baggage })?.baggage;
      assert.ok(read !== undefined && Object.keys(read).length <= 1);
      assert.equal(Object.getPrototypeOf(read), Object.prototype);
    }
    // Far more than it takes, far less than what backtracks or copies a megabyte a thousand times.
    assert.ok(performance.now() - started < 2000);
  });
});

suite('outgoing', () => {
  const span = { traceId: TRACE, spanId: SPAN, traceFlags: TraceFlags.SAMPLED };
  const inject = (scope: Context, sending: SentryTracePropagator): object => {
    const carrier = {};
    sending.inject(scope, carrier, defaultTextMapSetter);
    return carrier;
  };

  test('nothing is sent unless it is asked for', () => {
    const scope = trace.setSpanContext(ROOT_CONTEXT, span);
    assert.deepEqual([inject(scope, propagator()), propagator().fields()], [{}, []]);
    assert.deepEqual(inject(scope, propagator('both')), { 'sentry-trace': `${TRACE}-${SPAN}-1` });
    assert.deepEqual(propagator('both').fields(), ['sentry-trace']);
    assert.deepEqual(inject(suppressTracing(scope), propagator('both')), {});
    assert.deepEqual(inject(ROOT_CONTEXT, propagator('both')), {});
  });

  test('it says whether Sentry has the trace: the caller knows, else the share of traces', () => {
    const scope = trace.setSpanContext(ROOT_CONTEXT, span);
    const unsampled = trace.setSpanContext(ROOT_CONTEXT, { ...span, traceFlags: TraceFlags.NONE });
    const called = extract({ 'sentry-trace': `${TRACE}-${SPAN}-1` });
    const no = { 'sentry-trace': `${TRACE}-${SPAN}-0` };
    assert.deepEqual(inject(scope, propagator('both', 0)), no);
    assert.deepEqual(inject(unsampled, propagator('both')), no);
    assert.deepEqual(inject(called, propagator('both', 0)), { 'sentry-trace': `${TRACE}-${SPAN}-1` });
  });
});

suite('beside others', () => {
  function configOf(env: Record<string, string>) {
    return resolveConfig({ env }).config;
  }

  test('a DSN adds it behind those of the W3C, unless propagators are named', () => {
    assert.deepEqual(configOf({}).propagators, ['tracecontext', 'baggage']);
    const both: PropagatorName[] = ['tracecontext', 'baggage', 'sentry-incoming'];
    assert.deepEqual(configOf({ SENTRY_DSN: DSN }).propagators, both);
    assert.deepEqual(configOf({ SENTRY_DSN: DSN, OTEL_PROPAGATORS: 'b3' }).propagators, ['b3']);
    assert.deepEqual(configOf({ OTEL_PROPAGATORS: 'sentry' }).propagators, ['sentry']);
  });

  test('traceparent wins, whatever the order; what goes out is of the W3C alone', () => {
    const headers = { traceparent: `00-${OTHER}-${SPAN}-01`, 'sentry-trace': `${TRACE}-${SPAN}-0` };
    for (const OTEL_PROPAGATORS of ['', 'sentry-incoming,tracecontext']) {
      const joined = createPropagator(configOf({ SENTRY_DSN: DSN, OTEL_PROPAGATORS }));
      const context = joined.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
      assert.equal(trace.getSpanContext(context)?.traceId, OTHER);
      assert.equal(isUndecided(context), false);
      const carrier = {};
      joined.inject(context, carrier, defaultTextMapSetter);
      assert.deepEqual(Object.keys(carrier), ['traceparent']);
    }
  });

  test('a caller that left a trace to others does not take it from them; the sampler decides, on the same trace id', () => {
    for (const [sampler, header, isSampled] of [
      ['parentbased_always_on', '-0', true],
      ['parentbased_always_on', '', true],
      ['parentbased_always_off', '-0', false],
      ['parentbased_always_off', '-1', true],
    ] as const) {
      const { traces } = configOf({ SENTRY_DSN: DSN, OTEL_TRACES_SAMPLER: sampler });
      const provider = createTraces({
        config: traces,
        resource: emptyResource(),
        processors: [],
        sampler: undefined,
        hasUndecidedCallers: true,
      });
      const scope = extract({ 'sentry-trace': `${TRACE}-${SPAN}${header}` });
      const { traceId, traceFlags } = provider.getTracer('test').startSpan('root', {}, scope).spanContext();
      assert.deepEqual([traceId, traceFlags], [TRACE, Number(isSampled)], `${sampler} ${header}`);
    }
  });

  test("the propagator of Sentry's own package is taken as a part of the user", () => {
    const theirs = acceptPropagator(new SentryPropagator(), () => createPropagator(configOf({})));
    const context = theirs?.extract(ROOT_CONTEXT, { 'sentry-trace': `${TRACE}-${SPAN}-1` }, defaultTextMapGetter);
    assert.equal(context && trace.getSpanContext(context)?.traceId, TRACE);
  });
});
