/**
 * Frameworks, loggers and databases under the preload: span names and parents, in each module system and on each
 * Node.js, and a stderr that is the same as without it (T36).
 */
import assert from 'node:assert/strict';
import { after, before, suite, test, type TestContext } from 'node:test';
import { startReceiver, type ReceivedSpan, type Receiver } from '../../src/testing.ts';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { FAST_EXPORT } from '../support/backends-app.ts';
import { SKIP_WITHOUT_POSTGRES, startPostgres, startRedis } from '../support/backends-databases.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, getText, launch, skipWithout, waitFor, type Running } from '../support/backends.ts';
import {
  type Form,
  OLDER_PACKAGES,
  PACKAGES,
  type Server,
  writeProgram,
  writeServer,
} from '../support/instrumented-apps.ts';

const PRELOAD = ['--import', 'duotel/register'];

const EXPRESS_5 = ['server GET /users/:id', '  internal request handler'];
const EXPRESS_4 = [
  'server GET /users/:id',
  '  internal middleware - expressInit',
  '  internal middleware - query',
  '  internal request handler - /users/:id',
];
const FASTIFY = ['server GET /users/:id', '  internal request', '    internal handler - fastify -> @fastify/otel'];
const NEST = [
  'server GET /users/:id',
  '  internal middleware - <anonymous>',
  '  internal middleware - jsonParser',
  '  internal middleware - urlencodedParser',
  '  internal request handler',
  '    internal Users.find',
  '      internal find',
];
const KOA = ['server GET', '  internal middleware - answer'];

interface Case {
  readonly node: string;
  readonly form: Form;
  readonly server: Server;
  /** The major before the newest. */
  readonly older?: true;
  readonly tree: readonly string[];
}

/** Each form and each framework on several versions, not everything with everything. */
const CASES: readonly Case[] = [
  { node: '22.15.0', form: 'mjs', server: 'express', tree: EXPRESS_5 },
  { node: '22.15.0', form: 'cjs', server: 'fastify', tree: FASTIFY },
  { node: '22.22.3', form: 'cjs', server: 'express', older: true, tree: EXPRESS_4 },
  { node: '22.22.3', form: 'mjs', server: 'fastify', older: true, tree: FASTIFY },
  { node: '24.21.0', form: 'mts', server: 'express', tree: EXPRESS_5 },
  { node: '24.21.0', form: 'tsx', server: 'fastify', tree: FASTIFY },
  { node: '24.21.0', form: 'cjs', server: 'koa', tree: KOA },
  { node: '24.21.0', form: 'ts-node', server: 'express', tree: EXPRESS_5 },
  { node: '26.10.0', form: 'mjs', server: 'koa', tree: KOA },
  { node: '22.15.0', form: 'mjs', server: 'nest', tree: NEST },
  { node: '24.21.0', form: 'cjs', server: 'nest', tree: NEST },
  { node: '26.10.0', form: 'cjs', server: 'express', tree: EXPRESS_5 },
  { node: '26.10.0', form: 'tsx', server: 'express', tree: EXPRESS_5 },
];

const skipWithoutNode = (version: string): string | false => skipWithout(`node-${version}` as ProgramName);

/** `--import` makes Node.js load the program by `import`, which passes the hooks of ts-node by. */
function preloadFor(form: Form): readonly string[] {
  return form === 'ts-node' ? ['--require', 'duotel/register'] : PRELOAD;
}

/** Spans as an indented list, children in the order of their names. */
function treeOf(spans: readonly ReceivedSpan[], parent?: string, indent = ''): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans
    .filter(({ parentSpanId }) => (parent === undefined ? !ids.has(parentSpanId ?? '') : parentSpanId === parent))
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((span) => [`${indent}${span.kind} ${span.name}`, ...treeOf(spans, span.spanId, `${indent}  `)]);
}

suite('instrumentations', () => {
  let folder = '';
  let olderFolder = '';
  const cleanUps: (() => Promise<void>)[] = [];
  before(async () => {
    const owner = { after: (cleanUp: () => Promise<void>): void => void cleanUps.push(cleanUp) };
    folder = await installPacked(owner, PACKAGES);
    olderFolder = await installPacked(owner, OLDER_PACKAGES);
  });
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });

  async function receiver(t: TestContext): Promise<Receiver> {
    const started = await startReceiver();
    t.after(() => started.close());
    return started;
  }

  function environment({ url }: Receiver, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return cleanEnvironment({
      OTEL_SERVICE_NAME: 'app',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      ...FAST_EXPORT,
      ...more,
    });
  }

  /** Asks a server once and ends it. Returns its answer and its process. */
  async function ask(running: Running, until: (answer: string) => Promise<unknown>): Promise<string> {
    const port = await waitFor('the port', () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
    const answer = await getText(`http://127.0.0.1:${port}/users/7`);
    await until(answer);
    await running.stop();
    return answer;
  }

  for (const { node, form, server, older = false, tree } of CASES) {
    const title = `${server}${older ? ', older' : ''}, ${form}, Node.js ${node}`;
    test(`${title}: spans, ids in log lines, stderr of the control`, { skip: skipWithoutNode(node) }, async (t) => {
      const otlp = await receiver(t);
      const cwd = older ? olderFolder : folder;
      const args = writeServer(cwd, server, form);
      const control = launch(t, ensureNode(node), args, { cwd, env: environment(otlp) });
      assert.equal(await ask(control, async () => undefined), 'undefined');

      const running = launch(t, ensureNode(node), [...preloadFor(form), ...args], { cwd, env: environment(otlp) });
      const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= tree.length, 10_000));
      assert.deepEqual(treeOf(otlp.trace(traceId)), tree);
      const [, line = ''] = running.stdout().split('\n');
      const { msg, trace_id: logged } = JSON.parse(line) as { msg: string; trace_id: string };
      assert.deepEqual([msg, logged], ['asked', traceId]);
      assert.equal(running.stderr(), control.stderr());
    });
  }

  test('a bundled program runs, has HTTP spans, and is told once what is missing', async (t) => {
    const otlp = await receiver(t);
    const args = writeServer(folder, 'express', 'bundle');
    const running = launch(t, process.execPath, [...PRELOAD, ...args], { cwd: folder, env: environment(otlp) });
    const traceId = await ask(running, async (id) => {
      await otlp.waitFor(() => otlp.trace(id).length > 0, 10_000);
      await waitFor('the hint', () => running.stderr() !== '', running);
    });
    assert.deepEqual(treeOf(otlp.trace(traceId)), ['server GET']);
    assert.match(running.stderr(), /^DUOTEL_MODULES_BUNDLED express, pino: .*\n$/);
  });

  test('a query to PostgreSQL is in the trace of its request', { skip: SKIP_WITHOUT_POSTGRES }, async (t) => {
    const [otlp, DATABASE_URL] = [await receiver(t), await startPostgres(t)];
    const args = [...PRELOAD, ...writeServer(folder, 'postgres', 'mjs')];
    const running = launch(t, process.execPath, args, { cwd: folder, env: environment(otlp, { DATABASE_URL }) });
    const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= 4, 10_000));
    assert.deepEqual(treeOf(otlp.trace(traceId)), [
      'server GET',
      '  client pg-pool.connect',
      '    client pg.connect',
      '  client pg.query:SELECT postgres',
    ]);
    assert.equal(running.stderr(), '');
  });

  test('a command to Redis is in the trace of its request', { skip: skipWithout('redis') }, async (t) => {
    const [otlp, REDIS_URL] = [await receiver(t), await startRedis(t)];
    const args = [...PRELOAD, ...writeServer(folder, 'redis', 'mjs')];
    const running = launch(t, process.execPath, args, { cwd: folder, env: environment(otlp, { REDIS_URL }) });
    const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= 2, 10_000));
    assert.deepEqual(treeOf(otlp.trace(traceId)), ['server GET', '  client set']);
    assert.equal(running.stderr(), '');
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

interface InspectOptions {
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly form?: Form;
  readonly node?: string;
  readonly stderr?: string;
}
