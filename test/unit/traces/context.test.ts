import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { createContextManager } from '../../../src/traces/context.ts';

test('the active context is a context, whatever was made active', (t) => {
  const manager = createContextManager();
  t.after(() => manager.disable());
  const mine = ROOT_CONTEXT.setValue(createContextKey('k'), 1);
  assert.equal(
    manager.with(mine, () => manager.active()),
    mine,
  );
  for (const garbage of [undefined, null, 42, 'text', {}, new Proxy({}, { get: () => assert.fail() })])
    assert.equal(
      manager.with(garbage as never, () => manager.active()),
      ROOT_CONTEXT,
    );
});

test('what cannot be bound is given back as it came', (t) => {
  const manager = createContextManager();
  t.after(() => manager.disable());
  const hostile = new Proxy(() => undefined, { getPrototypeOf: () => assert.fail() });
  assert.equal(manager.bind(ROOT_CONTEXT, hostile), hostile);
  assert.ok(manager.bind(ROOT_CONTEXT, new EventEmitter()) instanceof EventEmitter);
});
