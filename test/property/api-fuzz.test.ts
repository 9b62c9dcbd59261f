/**
 * Random calls of the whole API with random hostile arguments: 20,000, in the long run a million. Nothing may throw.
 *
 * In one process and without pause (in the long run in twenty, because callbacks that are registered without end are
 * called without end), so that the calls meet each other's leftovers: ended spans, full series, open
 * callbacks.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as api from '@opentelemetry/api';
import { withSpan } from '../../src/index.ts';
import { start } from '../../src/run/start.ts';
import { startReceiver } from '../../src/testing.ts';
import { TEST_SEED } from '../support/fast-check.ts';
import { createDoors, createHostileValues, type Door } from '../support/hostile.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
const CALLS = Number(process.env['DUOTEL_TEST_FUZZ_CALLS'] ?? 20_000);
const PROCESSES = 20;
const CALLS_PER_PROCESS = 50_000;
/** Between pauses for timers and sockets. */
const BURST = 500;

const receiver = await startReceiver({ maxItems: 1000 });
after(() => receiver.close());

test('random calls with hostile arguments neither throw nor reject, and every item is accounted for', async (t) => {
  t.diagnostic(`seed ${TEST_SEED}`);
  const random = createRandom(TEST_SEED);
  const problems: string[] = [];
  const onRejection = (cause: unknown): void => void problems.push(`unhandled rejection: ${String(cause)}`);
  process.on('unhandledRejection', onRejection);
  t.after(() => process.off('unhandledRejection', onRejection));
  const telemetry = start({
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'fuzz', OTEL_LOG_LEVEL: 'none' },
  });
  const pending: Promise<unknown>[] = [];
  const doors: [string, Door][] = Object.entries({
    ...createDoors(api),
    withSpan: (a, b) => void withSpan(a as never, () => a, b as never),
    'withSpan active': (a) => withSpan('span', (span) => span.setAttribute('a', a as never)),
    status: () => void telemetry.status(),
    forceFlush: (a) => void pending.push(telemetry.forceFlush({ timeoutMillis: 1, a } as never)),
    'forceFlush options': (a) => {
      if (random(20) === 0) pending.push(telemetry.forceFlush(a as never));
    },
  } satisfies Record<string, Door>);
  // A megabyte costs a millisecond wherever it goes, so it comes seldom.
  const values = Object.entries(createHostileValues()).flatMap((value) =>
    value[0] === 'huge' ? [value] : Array.from({ length: 10 }, () => value),
  );
  for (let call = 0; call < CALLS; call++) {
    const [name, door] = pick(doors, random);
    const [first, a] = pick(values, random);
    const [second, b] = pick(values, random);
    try {
      door(a, b);
    } catch (cause) {
      problems.push(`${name}(${first}, ${second}): ${(cause as Error | undefined)?.stack ?? 'threw'}`);
    }
    if (call % BURST === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(pending);
  await telemetry.shutdown({ timeoutMillis: 5000 });
  assert.deepEqual(problems.slice(0, 5), []);
  for (const { signal, madeItems, sentItems, queuedItems, droppedItems } of telemetry.status().destinations) {
    const dropped = Object.values(droppedItems).reduce((sum, items) => sum + items, 0);
    assert.equal(madeItems, sentItems + queuedItems + dropped, signal);
  }
});

/** Whole numbers from 0 to below `limit`, the same for the same seed. Source: mulberry32. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function pick<T>(list: readonly T[], random: (limit: number) => number): T {
  return list[random(list.length)] as T;
}

if (LONG) {
  test('a million of them, in processes of their own', () => {
    const env: NodeJS.ProcessEnv = { ...process.env, DUOTEL_TEST_FUZZ_CALLS: `${CALLS_PER_PROCESS}` };
    delete env['DUOTEL_TEST_LONG'];
    // A test inside a test reports in another format.
    delete env['NODE_TEST_CONTEXT'];
    for (let round = 0; round < PROCESSES; round += 1) {
      const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], {
        env: { ...env, DUOTEL_TEST_SEED: `${TEST_SEED + round + 1}` },
        encoding: 'utf8',
      });
      assert.equal(status, 0, stdout);
    }
  });
}
