import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { context, createContextKey, SpanKind } from '@opentelemetry/api';
import { requestId, setRequestContext } from '../../../src/request/current-request.ts';
import { currentRequest } from '../../../src/request/request-context.ts';
import { observe, serve } from '../instrument/observe.ts';

const observed = observe();

test('200 requests at the same time never see each other, whatever way the work goes', async () => {
  const KEY = createContextKey('other');
  using served = await serve((request, response) => {
    const name = String(request.headers['x-request-id']);
    const check = (step: string): void => assert.equal(requestId(), name, step);
    const work = async (): Promise<void> => {
      setRequestContext({ userId: `user of ${name}`, tags: { of: name } });
      for await (const _chunk of request) check('body');
      await delay(Math.random() * 10);
      check('timer');
      await context.with(context.active().setValue(KEY, 1), async () => {
        await new Promise(setImmediate);
        check('derived context');
      });
      setRequestContext({ tags: { late: name } });
      response.on('finish', () => check('finish'));
      response.end(JSON.stringify(currentRequest()?.attributes()));
    };
    work().catch((error: unknown) => response.destroy(error as Error));
  });
  const names = Array.from({ length: 200 }, (_, index) => `request-${index}`);
  const answers = await Promise.all(
    names.map(async (name) => {
      const headers = { 'x-request-id': name };
      const answer = await fetch(served.url, { method: 'POST', body: name.repeat(100), headers });
      return answer.json();
    }),
  );
  assert.deepEqual(
    answers,
    names.map((name) => ({ 'request.id': name, 'user.id': `user of ${name}`, of: name, late: name })),
  );
  const spans = await observed.ended(SpanKind.SERVER, 200);
  for (const { attributes } of spans) {
    const name = attributes['request.id'];
    assert.deepEqual(
      [attributes['user.id'], attributes['of'], attributes['late']],
      [`user of ${String(name)}`, name, name],
    );
  }
  assert.equal(new Set(spans.map(({ attributes }) => attributes['request.id'])).size, 200);
});

test('an id nobody asked for is not made; one asked for is on the span', async () => {
  using served = await serve((request, response) => response.end(request.url === '/ask' ? requestId() : ''));
  observed.clear();
  await (await fetch(served.url)).text();
  const id = await (await fetch(`${served.url}/ask`)).text();
  const spans = await observed.ended(SpanKind.SERVER, 2);
  assert.deepEqual(
    spans.map(({ attributes }) => attributes['request.id']),
    [undefined, id],
  );
});

test('outside of requests there is no id, and nothing to add to', () => {
  assert.equal(requestId(), undefined);
  setRequestContext({ userId: 'nobody' });
  setRequestContext(undefined as never);
  assert.equal(requestId(), undefined);
});
