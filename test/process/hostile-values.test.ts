/**
 * Hostile values at every door of the global API: nothing is thrown, nothing is printed, what is dropped is counted (T9).
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { type AppOptions, type AppResult, runApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver({ maxItems: 200_000 });
});
after(() => receiver.close());

const HOSTILE = pathToFileURL(join(ROOT, 'test/support/hostile.ts')).href;

/** Each value 1,000 times, each door with each value. The control leaves the calls out: the API without telemetry throws. */
const CODE = `
  import * as api from '@opentelemetry/api';
  import { createDoors, createHostileValues } from ${JSON.stringify(HOSTILE)};
  const problems = [];
  process.on('unhandledRejection', () => problems.push('rejection'));
  process.on('uncaughtException', () => problems.push('exception'));
  const doors = Object.entries(createDoors(api)); const values = Object.entries(createHostileValues());
  for (const [name, value] of values)
    for (let round = 0; round < 1000; round++) {
      const [door, call] = doors[round % doors.length];
      const [, other] = values[round % values.length];
      try { if (!process.env.CONTROL) call(value, other); } catch (cause) { problems.push(door + ' ' + name + ' ' + String(cause?.stack).slice(0, 300)); }
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  console.log(JSON.stringify([...new Set(problems)].slice(0, 12), null, 1));
  const telemetry = globalThis[Symbol.for('duotel.telemetry')]?.telemetry;
  if (telemetry) {
    api.trace.getTracer('after').startSpan('after').end();
    await telemetry.forceFlush({ timeoutMillis: 5000 });
    const { degraded, destinations } = telemetry.status();
    process.exitCode = 'span.setAttribute' in degraded && 'logs.emit' in degraded && 'traces.startSpan' in degraded
      && destinations.every(({ madeItems, sentItems, queuedItems, droppedItems }) =>
        madeItems === sentItems + queuedItems + Object.values(droppedItems).reduce((sum, items) => sum + items, 0)) ? 0 : 9;
  }`;

const run = (options: Partial<AppOptions> = {}): Promise<AppResult> =>
  runApp({
    code: CODE,
    timeoutMillis: 120_000,
    ...options,
    env: { OTEL_SERVICE_NAME: 'hostile', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options.env },
  });

test('T9 hostile values are recorded or dropped, never thrown, and the output is that of a program without us', async () => {
  const control = await run({ nodeArgs: [], env: { CONTROL: '1' } });
  assert.deepEqual([control.code, control.stdout, control.stderr], [0, '[]\n', '']);
  const { code, stdout, stderr } = await run();
  assert.deepEqual([code, stdout], [control.code, control.stdout], stderr);
  // Megabytes come faster than they can be sent, and of some values nothing can be made; nothing else is worth a line.
  assert.match(stderr, /^(?:DUOTEL_(?:EXPORT_FAILED|EXPORT_RECOVERED|EXIT_LOSS) .*\n)*$/);
  assert.ok(receiver.spans.some(({ name }) => name === 'after'));
  assert.ok(receiver.spans.length > 5000 && receiver.logs.length > 1000, `${receiver.spans.length} spans`);
});
