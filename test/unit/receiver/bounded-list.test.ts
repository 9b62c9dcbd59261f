import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createBoundedList } from '../../../src/receiver/bounded-list.ts';

suite('createBoundedList', () => {
  test('the oldest entries are forgotten and counted when there are too many', () => {
    const list = createBoundedList<number>(3, 1000);
    list.add([1, 2], 2);
    list.add([3, 4, 5], 3);
    assert.deepEqual(list.entries, [3, 4, 5]);
    assert.equal(list.forgotten, 2);
  });

  test('the oldest entries are forgotten when their bodies are too large together', () => {
    const list = createBoundedList<string>(100, 100);
    list.add(['a', 'b'], 80);
    list.add(['c'], 50);
    assert.deepEqual(list.entries, ['b', 'c']);
    list.add(['d'], 500);
    assert.deepEqual(list.entries, ['d']);
    assert.equal(list.forgotten, 3);
  });

  test('clearing empties the list in place and resets the count', () => {
    const list = createBoundedList<number>(1, 10);
    const { entries } = list;
    list.add([1, 2], 2);
    list.clear();
    list.add([3], 10);
    assert.deepEqual(entries, [3]);
    assert.equal(list.forgotten, 0);
  });

  test('adding nothing changes nothing', () => {
    const list = createBoundedList<number>(1, 10);
    list.add([], 100);
    list.add([1], 1);
    assert.deepEqual(list.entries, [1]);
  });
});
