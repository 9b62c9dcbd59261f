/** Gaps against a set of numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/fast-check.ts';
import { Gaps } from '../../src/delivery/gaps.ts';

const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant('make' as const), isGap: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), by: fc.nat(40) }) },
);

test('what lies between gaps, and how many numbers are in them, is what a set says', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000, size: 'max' }), (steps) => {
      const gaps = new Gaps();
      const inGap = new Set<number>();
      let [position, end] = [0, 0];
      for (const next of steps) {
        if (next.do === 'make') {
          if (next.isGap) {
            gaps.add(end);
            inGap.add(end);
          }
          end += 1;
          continue;
        }
        position = Math.min(end, position + next.by);
        const passed = gaps.pass(position);
        while (inGap.has(position)) position += 1;
        assert.equal(passed, position);
        for (const number of inGap) if (number < position) inGap.delete(number);
        assert.equal(gaps.size, inGap.size);
        const between = [...gaps.between(position, end)].flatMap(([from, to]) =>
          Array.from({ length: to - from }, (_, index) => from + index),
        );
        const expected = Array.from({ length: end - position }, (_, index) => position + index);
        assert.deepEqual(
          between,
          expected.filter((number) => !inGap.has(number)),
        );
      }
    }),
    { numRuns: 15 },
  );
});
