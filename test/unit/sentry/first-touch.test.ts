import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { carrier, onFirstTouch } from '../../../src/sentry/first-touch.ts';

const holder = globalThis as { __SENTRY__?: Record<string, unknown> | undefined };

beforeEach(() => delete holder.__SENTRY__);

suite('first touch of a Sentry', () => {
  test('is told once, with the stack of whoever touched it, and the object is as without us', () => {
    const stacks: string[] = [];
    onFirstTouch((stack) => stacks.push(stack));
    (function firstUser(): void {
      holder.__SENTRY__ = holder.__SENTRY__ || {};
    })();
    holder.__SENTRY__['version'] = '11.11.0';
    assert.equal(stacks.length, 1);
    assert.match(stacks[0] ?? '', /^.*\n\s+at firstUser /);
    assert.deepEqual(Object.getOwnPropertyDescriptor(globalThis, '__SENTRY__'), {
      value: { version: '11.11.0' },
      writable: true,
      enumerable: true,
      configurable: true,
    });
  });

  test('is told at once when Sentry was in use before', () => {
    holder.__SENTRY__ = { version: '11.11.0' };
    const stacks: string[] = [];
    onFirstTouch((stack) => stacks.push(stack));
    assert.deepEqual(stacks, ['']);
    assert.equal(carrier()?.['version'], '11.11.0');
  });

  test('is not told when it is only written, or copied with everything else', () => {
    let touches = 0;
    onFirstTouch(() => (touches += 1));
    void { ...globalThis };
    holder.__SENTRY__ = { version: '1' };
    assert.equal(touches, 0);
    assert.equal(holder.__SENTRY__['version'], '1');
  });

  test('leaves nothing behind when it is taken away before', () => {
    const remove = onFirstTouch(() => assert.fail('nobody touched it'));
    remove();
    assert.equal(Object.hasOwn(globalThis, '__SENTRY__'), false);
  });
});
