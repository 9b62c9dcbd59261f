/**
 * Instruments made before `start()`: real with the preload, counted and told without it.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { runApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'early' });

const IMPORTS = {
  mjs: `import { metrics } from '@opentelemetry/api'; import { start } from 'duotel';`,
  cjs: `const { metrics } = require('@opentelemetry/api'); const { start } = require('duotel');`,
};
const WORK = `
  const meter = metrics.getMeter('early'); const early = meter.createCounter('early'); early.add(1);
  const telemetry = start();
  for (let index = 0; index < 7; index++) early.add(1);
  meter.createCounter('late').add(3); metrics.getMeter('fresh').createCounter('fresh').add(5);
  console.log(telemetry.status().degraded['metrics.early-instrument']?.count);
  telemetry.shutdown();`;

/** A folder whose `@opentelemetry/api` is version 1.9. */
function createOldFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-early-'));
  mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  cpSync(join(ROOT, 'node_modules/api-1-9'), join(folder, 'node_modules/@opentelemetry/api'), { recursive: true });
  symlinkSync(ROOT, join(folder, 'node_modules/duotel'));
  const manifest = { name: 'app', dependencies: { duotel: '*', '@opentelemetry/api': '*' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

suite('without the preload', () => {
  for (const type of ['mjs', 'cjs'] as const) {
    for (const api of ['1.10', '1.9']) {
      test(`API ${api}, ${type}: losses are counted with one line, later instruments of early meters are real`, async () => {
        const { code, stdout, stderr } = await runApp({
          code: `${IMPORTS[type]} ${WORK}`,
          type,
          nodeArgs: [],
          env: env(),
          ...(api === '1.9' && { folder: createOldFolder() }),
        });
        assert.deepEqual([code, stdout], [0, '7\n'], stderr);
        assert.match(stderr, /^DUOTEL_EARLY_INSTRUMENTS [^\n]+\n$/);
        assert.deepEqual(
          ['early', 'late', 'fresh'].map((name) => receiver.metric(name)?.value),
          [undefined, 3, 5],
        );
      });
    }
  }

  test('official processors made before start() are no loss', async () => {
    const { stderr } = await runApp({
      code: `
        import { BatchSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace'; import { trace } from '@opentelemetry/api'; import { start } from 'duotel';
        const telemetry = start({ spanProcessors: [new BatchSpanProcessor({ exporter: new InMemorySpanExporter() })] });
        trace.getTracer('t').startSpan('s').end(); new BatchSpanProcessor({ exporter: new InMemorySpanExporter() });
        await telemetry.shutdown();`,
      nodeArgs: [],
      env: env(),
    });
    assert.equal(stderr, '');
  });
});

test('with the preload, and with start() in a module imported first, there is no before', async () => {
  const preloaded = await runApp({ code: `${IMPORTS.mjs} ${WORK}`, env: env() });
  assert.deepEqual([preloaded.stdout, preloaded.stderr, receiver.metric('early')?.value], ['undefined\n', '', 8]);
  receiver.clear();
  const first = await runApp({
    code: `const { start } = await import('duotel'); start(); const { metrics } = await import('@opentelemetry/api'); ${WORK}`,
    nodeArgs: [],
    env: env(),
  });
  assert.deepEqual([first.stdout, first.stderr, receiver.metric('early')?.value], ['undefined\n', '', 8]);
});
