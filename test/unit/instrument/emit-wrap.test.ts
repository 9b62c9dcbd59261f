import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { callEmit, type Emit, type Emitting, wrapEmit } from '../../../src/instrument/emit-wrap.ts';

class Emitter extends EventEmitter {}

function counting(calls: string[], name: string) {
  return (original: Emit): Emit =>
    function emit(this: object) {
      calls.push(name);
      return callEmit(original, this, arguments);
    };
}

test('a wrapped emit passes arguments, receiver and result through', () => {
  const emitter = new Emitter();
  const unwrap = wrapEmit(emitter, counting([], 'ours'));
  const seen: unknown[] = [];
  emitter.on('event', function on(this: unknown, ...args: unknown[]) {
    seen.push(this, ...args);
  });
  assert.equal(emitter.emit('event', 1, 2, 3, 4), true);
  assert.equal(emitter.emit('unheard'), false);
  assert.deepEqual(seen, [emitter, 1, 2, 3, 4]);
  unwrap();
});

test('taking an inherited wrap away leaves no trace', () => {
  const prototype = Emitter.prototype as unknown as Emitting;
  const unwrap = wrapEmit(prototype, counting([], 'ours'));
  assert.deepEqual(Object.keys(prototype), []);
  unwrap();
  assert.equal(Object.hasOwn(prototype, 'emit'), false);
  assert.equal(new Emitter().emit, EventEmitter.prototype.emit);
});

test('a wrap under a foreign one stays when ours is taken away', () => {
  const calls: string[] = [];
  const emitter = new Emitter() as unknown as Emitting;
  const unwrap = wrapEmit(emitter, counting(calls, 'ours'));
  const covered = emitter.emit;
  emitter.emit = counting(calls, 'foreign')(covered);
  unwrap();
  emitter.emit('event');
  assert.deepEqual(calls, ['foreign', 'ours']);
});

test('a foreign wrap that was there first is there again afterwards', () => {
  const calls: string[] = [];
  const emitter = new Emitter() as unknown as Emitting;
  emitter.emit = counting(calls, 'foreign')(emitter.emit);
  const foreign = emitter.emit;
  const unwrap = wrapEmit(emitter, counting(calls, 'ours'));
  emitter.emit('event');
  unwrap();
  assert.equal(emitter.emit, foreign);
  assert.deepEqual(calls, ['ours', 'foreign']);
});
