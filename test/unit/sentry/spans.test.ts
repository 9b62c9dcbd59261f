import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { parseRule } from '../../../src/config/sampling-rule.ts';
import type { SamplingRule } from '../../../src/config/config.ts';
import { createSentrySpans } from '../../../src/sentry/spans.ts';
import { withSentryCaller } from '../../../src/traces/sentry-caller.ts';
import { assertBytesBalance, assertItemsBalance } from '../../support/ledger.ts';
import { openBoth, sentryAt } from './span-support.ts';

const ERROR = { code: SpanStatusCode.ERROR };
/** In no ratio: the ratio joins the number's parts by exclusive or. */
const LAST_TRACE = 'f'.repeat(8) + '0'.repeat(24);
/** In every ratio but 0. */
const FIRST_TRACE = '0'.repeat(31) + '1';
/** So small that no trace of a test is in it. */
const HARDLY_ANY = 1e-9;

function ruleOf(text: string): SamplingRule {
  const rule = parseRule(text);
  assert.ok(rule);
  return rule;
}

suite('share of traces', () => {
  test('of 10,000 traces the collector has all, and Sentry a tenth, each as a whole', async (t) => {
    const { receiver, start, send, collector, sentry } = await openBoth(t, { tracesSampleRate: 0.1 });
    const ids: string[] = [];
    for (let index = 0; index < 10_000; index += 1) {
      const root = start('root');
      start('child', root).end();
      root.end();
      ids.push(root.spanContext().traceId);
    }
    await send();
    assert.equal(receiver.spans.length, 20_000);
    const traces = Map.groupBy(receiver.sentrySpans, ({ traceId }) => traceId);
    assert.ok(traces.size >= 850 && traces.size <= 1150, `${traces.size} traces`);
    for (const spans of traces.values()) assert.deepEqual(spans.map(({ name }) => name).toSorted(), ['child', 'root']);
    const official = new TraceIdRatioBasedSampler(0.1);
    const wanted = ids.filter(
      (id) => official.shouldSample(ROOT_CONTEXT, id).decision === SamplingDecision.RECORD_AND_SAMPLED,
    );
    assert.deepEqual([...traces.keys()].toSorted(), wanted.toSorted());
    assert.deepEqual(
      [collector.stats().filteredItems, sentry.stats().filteredItems],
      [0, 20_000 - receiver.sentrySpans.length],
    );
    for (const output of [collector, sentry]) {
      assertItemsBalance(output.stats());
      assertBytesBalance(output.stats());
    }
  });

  test('with all traces for both, both get the same', async (t) => {
    const { receiver, start, send } = await openBoth(t, { tracesSampleRate: 1 });
    for (let index = 0; index < 20; index += 1) {
      const root = start(`root ${index}`)
        .setAttribute('n', index)
        .addEvent('seen', { list: ['a', 'b'] });
      start('child', root)
        .setStatus(index % 3 === 0 ? ERROR : { code: SpanStatusCode.UNSET })
        .end();
      root.end();
    }
    await send();
    assert.equal(receiver.spans.length, 40);
    assert.deepEqual(receiver.sentrySpans, receiver.spans);
  });

  test('a share of nothing is no destination, whatever rules and errors say; nor are the other routes', () => {
    const config = sentryAt('http://127.0.0.1:9', { rules: [ruleOf('keep name=*')] });
    assert.equal(createSentrySpans({ ...config, tracesSampleRate: 0 }), undefined);
    assert.equal(createSentrySpans({ ...config, traces: 'off' }), undefined);
    assert.equal(createSentrySpans({ ...config, traces: 'transactions' }), undefined);
    assert.equal(createSentrySpans(config)?.destination.url, 'http://127.0.0.1:9/api/42/integration/otlp/v1/traces/');
  });
});

suite('errors', () => {
  test('a trace with an error is whole at Sentry, whatever came before and after, and the same as at the collector', async (t) => {
    const { receiver, start, send, sentry } = await openBoth(t, { tracesSampleRate: HARDLY_ANY });
    for (const failing of ['first', 'second', 'root', 'none']) {
      const root = start(`root ${failing}`);
      for (const name of ['first', 'second'])
        start(`${name} of ${failing}`, root)
          .setStatus(name === failing ? ERROR : { code: SpanStatusCode.UNSET })
          .end();
      const late = start(`late of ${failing}`, root);
      if (failing === 'root') root.setStatus(ERROR);
      root.end();
      late.end();
    }
    await send();
    assert.equal(receiver.spans.length, 16);
    const expected = receiver.spans.filter(({ name }) => !name.endsWith('none'));
    const byId = (spans: typeof expected) => spans.toSorted((one, other) => one.spanId.localeCompare(other.spanId));
    assert.deepEqual(byId(receiver.sentrySpans as typeof expected), byId(expected));
    assert.deepEqual([sentry.stats().sentItems, sentry.stats().filteredItems], [12, 4]);
    assertBytesBalance(sentry.stats());
  });

  test('they are no reason if that is switched off: nothing is held, and ratio alone decides', async (t) => {
    const { receiver, start, send, sentry } = await openBoth(t, { tracesSampleRate: HARDLY_ANY, errorTraces: false });
    const root = start('root');
    start('child', root).setStatus(ERROR).end();
    assert.equal(sentry.stats().filteredItems, 1);
    root.setStatus(ERROR).end();
    await send();
    assert.deepEqual([receiver.spans.length, receiver.sentrySpans.length], [2, 0]);
  });

  test('what has not failed when the program ends is not for Sentry, and in its account as left out', async (t) => {
    const { receiver, start, send, sentry } = await openBoth(t, { tracesSampleRate: HARDLY_ANY });
    start('child', start('open')).end();
    assert.equal(sentry.stats().filteredItems, 0);
    assert.equal(sentry.isPending, false);
    await send();
    assert.deepEqual([receiver.spans.length, receiver.sentrySpans.length, sentry.stats().filteredItems], [1, 0, 1]);
  });

  test('what is held is bounded: the oldest local root is given up whole, later ones are whole', async (t) => {
    const { receiver, start, send } = await openBoth(t, { tracesSampleRate: HARDLY_ANY });
    const text = 'x'.repeat(100_000);
    const [old, young] = [start('old'), start('young')];
    start('child of old', old).setAttribute('text', text).end();
    for (let index = 0; index < 41; index += 1) start('child of young', young).setAttribute('text', text).end();
    old.setStatus(ERROR).end();
    young.setStatus(ERROR).end();
    await send();
    assert.deepEqual(new Set(receiver.sentrySpans.map(({ name }) => name)), new Set(['child of young', 'young']));
    assert.equal(receiver.sentrySpans.length, 42);
  });
});

suite('rules and callers', () => {
  test('the first rule that matches decides; only one that takes nothing leaves out errors', async (t) => {
    const rules = ['drop name=health', 'keep name=pay', '0.000000001 name=poll'].map(ruleOf);
    const { receiver, start, send } = await openBoth(t, { tracesSampleRate: HARDLY_ANY, rules });
    for (const name of ['health', 'pay', 'poll', 'other']) {
      for (const kind of ['well', 'badly']) {
        const root = start(name);
        start(`${name} ${kind}`, root).end();
        if (kind === 'badly') root.setStatus(ERROR);
        root.end();
      }
    }
    await send();
    const names = receiver.sentrySpans.map(({ name }) => name).toSorted();
    assert.deepEqual(names, ['other', 'other badly', 'pay', 'pay', 'pay badly', 'pay well', 'poll', 'poll badly']);
    assert.equal(receiver.spans.length, 16);
  });

  test('what the caller decided about Sentry is followed; its errors are kept', async (t) => {
    const { receiver, start, send } = await openBoth(t, { tracesSampleRate: 0.5 });
    for (const [traceId, isSampled] of [
      [LAST_TRACE, true],
      [FIRST_TRACE, false],
    ] as const) {
      const parent = { traceId, spanId: '1'.repeat(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const caller = { traceId, isSampled, baggage: {}, undecided: undefined };
      const scope = withSentryCaller(trace.setSpanContext(ROOT_CONTEXT, parent), caller);
      for (const kind of ['well', 'badly']) {
        const root = start(`${isSampled} ${kind}`, scope);
        start('child', root)
          .setStatus(kind === 'badly' ? ERROR : { code: SpanStatusCode.UNSET })
          .end();
        root.end();
      }
    }
    await send();
    assert.deepEqual(receiver.sentrySpans.map(({ name }) => name).toSorted(), [
      'child',
      'child',
      'child',
      'false badly',
      'true badly',
      'true well',
    ]);
  });

  test('a parent that was not seen to start is no local root of ours: its trace is decided by the ratio', async (t) => {
    const { receiver, start, send } = await openBoth(t, { tracesSampleRate: 0.5 });
    for (const traceId of [FIRST_TRACE, LAST_TRACE]) {
      const parent = { traceId, spanId: '1'.repeat(16), traceFlags: TraceFlags.SAMPLED };
      start(traceId, trace.setSpanContext(ROOT_CONTEXT, parent)).end();
    }
    await send();
    assert.deepEqual(
      receiver.sentrySpans.map(({ name }) => name),
      [FIRST_TRACE],
    );
  });
});
