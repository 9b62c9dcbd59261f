import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { readProcessFacts, type ProcessFacts } from '../../../src/config/process-facts.ts';

const run = promisify(execFile);
const MODULE = new URL('../../../src/config/process-facts.ts', import.meta.url).href;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'facts-')));
after(() => rmSync(folder, { recursive: true }));

/** Runs a script that prints facts, one JSON text per line. */
async function factsOf(name: string, source: string): Promise<ProcessFacts[]> {
  const script = join(folder, name);
  writeFileSync(script, `import { readProcessFacts } from ${JSON.stringify(MODULE)};\n${source}`);
  const { stdout } = await run(process.execPath, ['--experimental-strip-types', '--no-warnings', script], {
    timeout: 30_000,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProcessFacts);
}

test('the facts of this process are those Node.js gives', () => {
  const facts = readProcessFacts();
  assert.equal(facts.nodeVersion, process.versions.node);
  assert.equal(facts.hostName, hostname());
  assert.equal(facts.threadId, 0);
  assert.equal(facts.clusterWorkerId, 0);
});

test('a script started through a symbolic link is known by its own path', async () => {
  const source = 'console.log(JSON.stringify(readProcessFacts()));';
  const [direct] = await factsOf('real.mjs', source);
  assert.equal(direct?.mainScript, join(folder, 'real.mjs'));
  const link = join(folder, 'link.mjs');
  symlinkSync(join(folder, 'real.mjs'), link);
  const { stdout } = await run(process.execPath, ['--experimental-strip-types', '--no-warnings', link], {
    timeout: 30_000,
  });
  assert.equal((JSON.parse(stdout) as ProcessFacts).mainScript, join(folder, 'real.mjs'));
});

test('data after `node -e` is not taken for the main script', async () => {
  const code = `import(${JSON.stringify(MODULE)}).then((m) => console.log(JSON.stringify(m.readProcessFacts())))`;
  const options = ['--experimental-strip-types', '--no-warnings', '-e', code, join(folder, 'data.csv')];
  const { stdout } = await run(process.execPath, options, { timeout: 30_000 });
  assert.equal((JSON.parse(stdout) as ProcessFacts).mainScript, undefined);
});

test('under PM2 the main script is that of the application', async () => {
  const pm2 = join(folder, 'node_modules', 'pm2', 'lib');
  mkdirSync(pm2, { recursive: true });
  const container = join(pm2, 'ProcessContainerFork.mjs');
  writeFileSync(
    container,
    `import(${JSON.stringify(MODULE)}).then((m) => console.log(JSON.stringify(m.readProcessFacts())));`,
  );
  const env = { ...process.env, pm_exec_path: join(folder, 'real.mjs') };
  const { stdout } = await run(process.execPath, ['--experimental-strip-types', '--no-warnings', container], {
    env,
    timeout: 30_000,
  });
  assert.equal((JSON.parse(stdout) as ProcessFacts).mainScript, join(folder, 'real.mjs'));
});

test('a primary, its cluster workers and threads have numbers that tell them apart', async () => {
  const facts = await factsOf(
    'family.mjs',
    `
import cluster from 'node:cluster';
import { isMainThread, Worker } from 'node:worker_threads';
console.log(JSON.stringify(readProcessFacts()));
if (cluster.isPrimary && isMainThread) {
  for (let i = 0; i < 2; i++) {
    new Worker(new URL(import.meta.url));
    cluster.fork().on('online', function () { this.disconnect(); });
  }
}
`,
  );
  const numbers = facts.map((fact) => `${fact.clusterWorkerId}/${fact.threadId}`);
  assert.deepEqual(new Set(numbers), new Set(['0/0', '1/0', '2/0', '0/1', '0/2']));
});

test('a forked process that is no cluster worker has number 0', async () => {
  const facts = await factsOf(
    'forked.mjs',
    `
import { fork } from 'node:child_process';
if (process.send === undefined) fork(process.argv[1], ['child']);
else { console.log(JSON.stringify(readProcessFacts())); process.disconnect(); }
`,
  );
  assert.deepEqual(
    facts.map((fact) => fact.clusterWorkerId),
    [0],
  );
});
