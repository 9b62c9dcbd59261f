import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/fast-check.ts';
import { createDeadline } from '../../../src/core/deadline.ts';
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
  fc.record({ send: fc.integer({ min: 1, max: 800 }) }),
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
          isSuperseding: superseding,
        });
        let made = 0;
        const check = (): void => {
          const stats = fixture.stats();
          const dropped = Object.values(stats.droppedItems).reduce((sum, items) => sum + items, 0);
          assert.equal(stats.madeItems, made);
          assert.equal(stats.sentItems + dropped + stats.queuedItems, made);
          const droppedBytes = Object.values(stats.droppedBytes).reduce((sum, bytes) => sum + bytes, 0);
          assert.equal(stats.madeBytes, stats.sentBytes + droppedBytes + stats.queuedBytes);
          assert.ok(stats.queuedItems >= 0 && stats.queuedBytes >= 0);
        };
        for (const [index, next] of steps.entries()) {
          if ('send' in next) {
            made += next.send;
            fixture.send(`${index}`, next.send);
          } else if ('wait' in next) await fixture.time.advance(next.wait);
          else await fixture.sender.drain(createDeadline(0));
          await fixture.time.advance(0);
          check();
        }
        fixture.sender.close();
        check();
        assert.equal(fixture.stats().queuedItems, 0);
        assert.equal(fixture.stats().queuedBytes, 0);
        await fixture.time.advance(0);
        assert.equal(fixture.time.pending(), 0, 'no timer is left');
      },
    ),
    { numRuns: 150 },
  );
});
