/** Names and units are those of the question generator's service description. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BATCH_MILLIS, MAX_BATCH_ITEMS } from '../../../src/sentry/item-batch.ts';
import { COMMON, createItems, OWN, SPAN, TRACE, withoutVersion } from './item-support.ts';

suite('metrics', () => {
  test('counters, distributions and gauges are typed, with unit, trace and what is said about the process', (t) => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    t.after(() => context.disable());
    const { items, sent } = createItems();
    const scope = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    context.with(scope, () => {
      items.measure({
        type: 'counter',
        name: 'questions.generated',
        value: 3,
        attributes: { provider: 'acme', type: 'choice', difficulty: 2 },
      });
      items.measure({
        type: 'distribution',
        name: 'generation.cost_usd',
        value: 0.0125,
        unit: 'dollar',
        attributes: { provider: 'acme', model: 'm1' },
      });
      items.measure({
        type: 'distribution',
        name: 'generation.latency',
        value: 812,
        unit: 'millisecond',
        attributes: { provider: 'acme', type: 'choice' },
      });
    });
    items.measure({
      type: 'distribution',
      name: 'evaluation.score',
      value: 0.75,
      attributes: { type: 'choice', outcome: 'pass' },
    });
    items.measure({ type: 'gauge', name: 'queue.size', value: 4 });
    items.flush();
    const [{ header, payload } = assert.fail()] = sent;
    assert.deepEqual(header, {
      type: 'trace_metric',
      item_count: 5,
      content_type: 'application/vnd.sentry.items.trace-metric+json',
    });
    assert.equal(payload.version, 2);
    assert.deepEqual(withoutVersion(payload.items[0]), {
      timestamp: 1_700_000_000.5,
      trace_id: TRACE,
      span_id: SPAN,
      name: 'questions.generated',
      type: 'counter',
      value: 3,
      attributes: {
        ...COMMON,
        provider: { value: 'acme', type: 'string' },
        type: { value: 'choice', type: 'string' },
        difficulty: { value: 2, type: 'integer' },
      },
    });
    assert.deepEqual(
      payload.items.map(({ name, type, unit }) => [name, type, unit]),
      [
        ['questions.generated', 'counter', undefined],
        ['generation.cost_usd', 'distribution', 'dollar'],
        ['generation.latency', 'distribution', 'millisecond'],
        ['evaluation.score', 'distribution', undefined],
        ['queue.size', 'gauge', undefined],
      ],
    );
    assert.deepEqual(
      payload.items
        .slice(0, 4)
        .map(({ attributes }) => Object.keys(attributes as object).filter((name) => !name.includes('.'))),
      [
        ['provider', 'type', 'difficulty'],
        ['provider', 'model'],
        ['provider', 'type'],
        ['type', 'outcome'],
      ],
    );
    assert.deepEqual([payload.items[4]?.['trace_id'], payload.items[4]?.['span_id']], [OWN, undefined]);
  });

  test('they leave in batches: when one is full, or some time after its first', async () => {
    const { items, sent, time, pending } = createItems();
    for (let index = 0; index < MAX_BATCH_ITEMS + 1; index += 1)
      items.measure({ type: 'counter', name: 'n', value: 1 });
    assert.deepEqual([sent.length, items.waitingItems], [1, 1]);
    await time.advance(BATCH_MILLIS);
    assert.deepEqual([sent.length, items.waitingItems], [2, 0]);
    assert.equal(pending(), 2);
    items.flush();
    assert.equal(sent.length, 2);
  });

  test('hostile arguments cost the measurement, or are cut', () => {
    const { items, sent } = createItems();
    for (const [name, value] of [
      ['', 1],
      ['n', NaN],
      ['n', Infinity],
      ['n', '1'],
      [undefined, 1],
      ['x'.repeat(201), 1],
    ] as [string, number][])
      items.measure({ type: 'counter', name, value });
    assert.equal(items.waitingItems, 0);
    const circle: Record<string, unknown> = {
      big: 2n,
      list: [1, 'a'],
      even: [1, 2],
      none: null,
      fn: () => 1,
      nan: NaN,
    };
    circle['self'] = circle;
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, index]));
    items.measure({
      type: 'counter',
      name: 'n',
      value: 1,
      attributes: { ...circle, text: 'x'.repeat(100_000), ...many, password: 'p4ssw0rd-of-mine' },
    });
    items.measure({ type: 'counter', name: 'n', value: 1, attributes: { password: 'p4ssw0rd-of-mine' } });
    items.flush();
    const text = JSON.stringify(sent);
    assert.ok(text.length < 20_000 && !text.includes('p4ssw0rd-of-mine'));
    const types = sent[0]?.payload.items.flatMap(({ attributes }) => Object.values(attributes as object)) as {
      type: string;
    }[];
    for (const { type } of types) assert.ok(['string', 'integer', 'double', 'boolean', 'array'].includes(type), type);
  });
});
