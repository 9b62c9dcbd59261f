/**
 * Which instrumentations are used, and when: bundled, installed, given to `start()`, chosen by variables; early modules,
 * restarts, and programs that fail.
 */
import assert from 'node:assert/strict';
import { before, suite, test, type TestContext } from 'node:test';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, skipWithout, suiteOwner } from '../support/backends.ts';
import { type Form, writeProgram } from '../support/instrumented-apps.ts';

const PRELOAD = ['--import', 'duotel/register'];

const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  'express@5',
  'koa@3',
  'pino@10',
  'knex@3',
  '@opentelemetry/instrumentation-knex',
  'openai@6',
];

const skipWithoutNode = (version: string): string | false => skipWithout(`node-${version}` as ProgramName);

interface InspectOptions {
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly form?: Form;
  readonly node?: string;
  readonly stderr?: string;
}

suite('choice of instrumentations', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  /** Runs a program to its end under the preload; it prints what it found, as JSON. */
  async function inspect(t: TestContext, name: string, source: string, options: InspectOptions = {}): Promise<unknown> {
    const { nodeArgs = PRELOAD, env = {}, form = 'mjs', node } = options;
    const args = [...nodeArgs, ...writeProgram(folder, name, form, source)];
    const running = launch(t, node ?? process.execPath, args, {
      cwd: folder,
      env: cleanEnvironment({ OTEL_SERVICE_NAME: 'app', OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env }),
    });
    assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
    assert.equal(running.stderr(), options.stderr ?? '');
    return JSON.parse(running.stdout());
  }

  test('openai, an ES module, is instrumented in every module system, on the oldest Node.js too', async (t) => {
    const source = `
import { OpenAI } from 'openai';
console.log(JSON.stringify(OpenAI.Chat.Completions.prototype.create.__wrapped === true));
`;
    for (const form of ['mjs', 'cjs'] as const) {
      assert.equal(await inspect(t, 'openai', source, { form }), true, form);
      if (skipWithoutNode('22.15.0') === false)
        assert.equal(await inspect(t, 'openai', source, { form, node: ensureNode('22.15.0') }), true, form);
    }
  });

  const STATUS = `
import { start } from 'duotel';
const shown = start().status().instrumentations.filter(({ state }) => state !== 'waiting' && state !== 'on');
console.log(JSON.stringify(shown.map(({ name, source, state }) => [name, source, state].join(' '))));
`;

  test('an official instrumentation in node_modules is used when its module is loaded', async (t) => {
    const wrapped = `
import knex from 'knex';
console.log(JSON.stringify(knex.Client.prototype.raw.__wrapped === true));
`;
    for (const form of ['mjs', 'cjs'] as const) assert.equal(await inspect(t, 'knex', wrapped, { form }), true, form);
    assert.deepEqual(await inspect(t, 'knex', `import 'knex';\n${STATUS}`), ['knex node_modules active']);
    assert.deepEqual(await inspect(t, 'none', STATUS), []);
  });

  test('the variables choose the instrumentations', async (t) => {
    const source = `import 'knex';\nimport 'koa';\nimport 'pino';\n${STATUS}`;
    const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'koa,pino,undici', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino' };
    const shown = (await inspect(t, 'chosen', source, { env })) as string[];
    assert.deepEqual(
      shown.filter((line) => !line.endsWith('disabled')),
      ['koa duotel active'],
    );
    for (const line of ['http duotel disabled', 'pino duotel disabled', 'knex node_modules disabled'])
      assert.ok(shown.includes(line), line);
  });

  test('an instrumentation given to start() works in an ES module, and replaces ours', async (t) => {
    const [preload = ''] = writeProgram(
      folder,
      'given',
      'mjs',
      `
import { start } from 'duotel';
import { KnexInstrumentation } from '@opentelemetry/instrumentation-knex';
start({ instrumentations: [[new KnexInstrumentation()]] });
`,
    );
    const source = `
import knex from 'knex';
console.log(JSON.stringify(knex.Client.prototype.raw.__wrapped === true));
`;
    assert.equal(await inspect(t, 'given-app', source, { nodeArgs: ['--import', preload] }), true);
  });

  test('instrumentations record nothing between a shutdown and the next start, and go on after it', async (t) => {
    const source = `
import { once } from 'node:events';
import { start } from 'duotel';
const names = [];
const nothing = async () => undefined;
const options = {
  spanProcessors: [{ onStart() {}, onEnd: (span) => names.push(span.name), forceFlush: nothing, shutdown: nothing }],
};
const first = start(options);
const { default: express } = await import('express');
const app = express();
app.get('/users/:id', (request, response) => response.end());
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const counts = [];
const ask = async () => {
  await (await fetch('http://127.0.0.1:' + server.address().port + '/users/7')).text();
  while (names.length % 3 !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  counts.push(names.length);
};
await ask();
await first.shutdown();
await ask();
const second = start(options);
await ask();
server.closeAllConnections();
server.close();
await second.shutdown();
console.log(JSON.stringify([counts, [...new Set(names)].toSorted()]));
`;
    assert.deepEqual(await inspect(t, 'restart', source, { nodeArgs: [] }), [
      [3, 3, 6],
      ['GET', 'GET /users/:id', 'request handler'],
    ]);
  });

  test('modules loaded before start() are instrumented from then on and named once', async (t) => {
    const source = `import 'koa';\nimport 'pino';\n${STATUS}`;
    const running = launch(t, process.execPath, writeProgram(folder, 'early', 'mjs', source), {
      cwd: folder,
      env: cleanEnvironment({ OTEL_SERVICE_NAME: 'app' }),
    });
    assert.deepEqual(await running.ended, { code: 0, signal: null });
    assert.match(running.stderr(), /^DUOTEL_MODULES_EARLY koa, pino: .*\n$/);
    assert.deepEqual(JSON.parse(running.stdout()), ['koa duotel early', 'pino duotel early']);
  });

  test('a program that fails while a module loads says the same as without the preload', async (t) => {
    const [file = ''] = writeProgram(
      folder,
      'failing',
      'cjs',
      "import express from 'express';\nexpress.nothing.at.all;\n",
    );
    const run = async (args: readonly string[]): Promise<readonly [unknown, string]> => {
      const running = launch(t, process.execPath, [...args, file], { cwd: folder, env: cleanEnvironment() });
      return [await running.ended, running.stderr()];
    };
    // Any preload makes Node.js load the program by `import`.
    assert.deepEqual(await run(PRELOAD), await run(['--import', 'data:text/javascript,']));
  });
});
