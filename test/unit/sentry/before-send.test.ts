import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Event } from '@sentry/core';
import { degradations } from '../../../src/core/guard.ts';
import { createBeforeSend } from '../../../src/sentry/before-send.ts';
import { createEventProcessor } from '../../../src/sentry/event-processor.ts';

const EVENT: Event = { event_id: 'e1', level: 'error', tags: { a: 'b' } };
const failures = (): number => degradations()['errors.beforeSend']?.count ?? 0;
const accept = (hook: unknown) => createBeforeSend(hook) ?? assert.fail();

suite('the hook of the user about events', () => {
  test('gets the event and the value that was thrown, and may change the event or drop it', () => {
    const error = new Error('x');
    const seen: unknown[] = [];
    const change = accept((event: Event, hint: { originalException: unknown }) => {
      seen.push(hint.originalException);
      return { ...event, event_id: 'mine', tags: { ...event.tags, more: '1' } };
    });
    assert.deepEqual(change(EVENT, error), { ...EVENT, tags: { a: 'b', more: '1' }, type: undefined });
    assert.equal(seen[0], error);
    assert.equal(accept(() => null)(EVENT, error), null);
  });

  test('what throws, rejects, answers late or forgets to answer is counted, and the event is sent', async () => {
    const hooks: unknown[] = [
      () => {
        throw new Error('mine');
      },
      async (event: Event) => event,
      () => Promise.reject(new Error('mine')),
      () => undefined,
      () => 'event',
      () => Object.defineProperty({}, 'level', { enumerable: true, get: () => assert.fail('trap') }),
      () => new Proxy({}, { has: () => assert.fail('trap'), get: () => assert.fail('trap') }),
    ];
    for (const hook of hooks) {
      const before = failures();
      assert.equal(accept(hook)(EVENT, undefined), EVENT);
      assert.ok(failures() > before, String(hook));
    }
    await new Promise(setImmediate);
  });

  test('one that captures an error itself is not asked about that one', () => {
    let calls = 0;
    const hook = accept((event: Event) => {
      calls += 1;
      hook({ event_id: 'inner' }, undefined);
      return event;
    });
    assert.equal(hook(EVENT, undefined)?.event_id, 'e1');
    assert.equal(calls, 1);
  });

  test('what is no function is left out', () => {
    assert.equal(createBeforeSend('drop all'), undefined);
  });

  test('it is asked about errors and messages of an own Sentry, and about nothing else', () => {
    let dropped = 0;
    const onDropped = (): void => void (dropped += 1);
    const process = createEventProcessor({
      describe: () => undefined,
      hasBreadcrumbs: false,
      beforeSend: accept(() => null),
      onDropped,
    });
    assert.equal(process({ exception: { values: [] } }, {}), null);
    assert.equal(process({ message: 'm' }, {}), null);
    assert.deepEqual(process({ type: 'transaction' }, {}), { type: 'transaction' });
    assert.equal(dropped, 2);
  });
});
