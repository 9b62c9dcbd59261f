/**
 * What a server says in its answer to the exit worker: counted, and told once.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { createAppFolder, runApp } from '../support/run-app.ts';
import { startServer } from '../unit/delivery/fault-server.ts';

/** Runs a program with requests of its own, and gives what became of each. */
async function exitWith(code: string, endpoint: string) {
  const folder = createAppFolder();
  const ledger = join(folder.path, 'ledger');
  try {
    const result = await runApp({
      code: `import { queue } from '${join(ROOT, 'test/support/exit-app.ts')}';\n${code} process.exit(3);`,
      nodeArgs: [],
      folder: folder.path,
      env: { EXIT_ENDPOINT: endpoint, EXIT_LEDGER: ledger, EXIT_BUDGET: '10000' },
    });
    return { ...result, ledger: readFileSync(ledger, 'utf8').trim().split('\n').sort() };
  } finally {
    folder.remove();
  }
}

test('a partial success is counted as rejected and told once in the words of the server', async () => {
  const receiver = await startReceiver();
  receiver.fault({ partialSuccess: { rejected: 1, message: 'one is too old' } });
  const result = await exitWith(`queue('a', { items: 3 }); queue('b', { items: 3 });`, receiver.url);
  await receiver.close();
  assert.equal(result.code, 3);
  assert.equal(
    result.stderr,
    `DUOTEL_EXIT_LOSS 2 items of telemetry were lost at the end of the process: ${receiver.url}/v1/traces rejected 2 items: one is too old.\n`,
  );
  assert.deepEqual(result.ledger, ['a sent, 1 rejected', 'b sent, 1 rejected']);
});

test('a partial success in chunks is read', async () => {
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"partialSuccess":{"rejectedSp');
    response.end('ans":"2","errorMessage":"tenant limit"}}');
  });
  const result = await exitWith(`queue('a', { items: 3 });`, server.url.replace('/v1/traces', ''));
  await server.close();
  assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 2 items [^\n]* rejected 2 items: tenant limit\.\n$/);
});

test('the words of a refusal are not waited for when they drip', async () => {
  const server = await startServer((_, response) => {
    response.writeHead(403, { 'content-type': 'text/plain', 'content-length': 1000 }).write('no such tenant');
  });
  const result = await exitWith(`queue('a');`, server.url.replace('/v1/traces', ''));
  await server.close();
  assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item [^\n]* HTTP 403 Forbidden: no such tenant\.\n$/);
  assert.deepEqual(result.ledger, ['a dropped']);
  assert.ok(result.millis < 10_000, `${result.millis} ms`);
});
