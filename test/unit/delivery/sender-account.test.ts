import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDeadline } from '../../../src/core/deadline.ts';
import type { Outcome } from '../../../src/delivery/sender.ts';
import type { TransportResult } from '../../../src/delivery/transport.ts';
import { answered, createSenderFixture, REFUSED, RESET } from './fake-transport.ts';

const PARTIAL = answered(200, { 'content-type': 'application/json' }, '{"partialSuccess":{"rejectedSpans":"2"}}');
const RESULTS: readonly TransportResult[] = [
  answered(200),
  answered(200),
  PARTIAL,
  answered(400),
  answered(401),
  answered(503),
  answered(429, { 'retry-after': '7' }),
  REFUSED,
  RESET,
];

type Step = { readonly send: number } | { readonly wait: number } | { readonly drain: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ send: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ wait: fc.integer({ min: 0, max: 40_000 }) }),
  fc.constant({ drain: true } as const),
);

test('made = sent + dropped + queued, at any time, whatever the destination does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.infiniteStream(fc.nat(RESULTS.length - 1)),
      fc.boolean(),
      async (steps, chosen, superseding) => {
        const fixture = createSenderFixture(() => RESULTS[chosen.next().value ?? 0] ?? REFUSED, {
          limitBytes: 5000,
          isSuperseding: superseding,
        });
        const outcomes: Promise<Outcome>[] = [];
        let made = 0;
        const open = new Map<number, number>();
        const check = (): void => {
          const { madeItems, sentItems, queuedItems, droppedItems } = fixture.stats();
          const dropped = Object.values(droppedItems).reduce((sum, items) => sum + items, 0);
          assert.equal(madeItems, made);
          assert.equal(sentItems + dropped + queuedItems, made);
          assert.equal(
            queuedItems,
            [...open.values()].reduce((sum, items) => sum + items, 0),
            'what has no outcome yet is queued',
          );
        };
        for (const [index, next] of steps.entries()) {
          if ('send' in next) {
            made += next.send;
            open.set(index, next.send);
            outcomes.push(fixture.send(`${index}`, next.send).finally(() => open.delete(index)));
          } else if ('wait' in next) await fixture.time.advance(next.wait);
          else await fixture.sender.drain(createDeadline(0));
          await fixture.time.advance(0);
          check();
        }
        fixture.sender.close();
        await Promise.all(outcomes);
        check();
        assert.equal(fixture.stats().queuedItems, 0);
        await fixture.time.advance(0);
        assert.equal(fixture.time.pending(), 0, 'no timer is left');
      },
    ),
    { numRuns: 150 },
  );
});
