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
import { startKafka, startMariaDb, startRabbit } from '../support/backends-brokers.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, getText, launch, skipWithout, waitFor, type Running } from '../support/backends.ts';
import { type Form, OLDER_PACKAGES, PACKAGES, type Server, writeServer } from '../support/instrumented-apps.ts';

const PRELOAD = ['--import', 'duotel/register'];

const EXPRESS_5 = ['server GET /users/:id', '  internal request handler'];
const EXPRESS_4 = [
  'server GET /users/:id',
  '  internal middleware - expressInit',
  '  internal middleware - query',
  '  internal request handler - /users/:id',
];
const FASTIFY = ['server GET /users/:id'];
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

  test('a message through RabbitMQ is in the trace of its request', { skip: skipWithout('rabbitmq') }, async (t) => {
    const [otlp, AMQP_URL] = [await receiver(t), await startRabbit(t)];
    const args = [...PRELOAD, ...writeServer(folder, 'rabbit', 'mjs')];
    const running = launch(t, process.execPath, args, { cwd: folder, env: environment(otlp, { AMQP_URL }) });
    const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= 3, 10_000));
    assert.deepEqual(treeOf(otlp.trace(traceId)), [
      'server GET',
      '  producer publish <default>',
      '    consumer jobs process',
    ]);
    assert.equal(running.stderr(), '');
  });

  test('a message through Kafka is in the trace of its request', { skip: skipWithout('kafka') }, async (t) => {
    const [otlp, KAFKA_ADDRESS] = [await receiver(t), await startKafka(t)];
    const args = [...PRELOAD, ...writeServer(folder, 'kafka', 'mjs')];
    // kafkajs 2 gives a timer a negative time.
    const env = environment(otlp, { KAFKA_ADDRESS, NODE_NO_WARNINGS: '1' });
    const running = launch(t, process.execPath, args, { cwd: folder, env });
    const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= 3, 10_000));
    assert.deepEqual(treeOf(otlp.trace(traceId)), ['server GET', '  producer send jobs', '    consumer process jobs']);
    assert.equal(running.stderr(), '');
  });

  test('a query to MariaDB is in the trace of its request', { skip: skipWithout('mariadb') }, async (t) => {
    const [otlp, DATABASE_URL] = [await receiver(t), await startMariaDb(t)];
    const args = [...PRELOAD, ...writeServer(folder, 'mysql', 'mjs')];
    const running = launch(t, process.execPath, args, { cwd: folder, env: environment(otlp, { DATABASE_URL }) });
    const traceId = await ask(running, (id) => otlp.waitFor(() => otlp.trace(id).length >= 2, 10_000));
    assert.deepEqual(treeOf(otlp.trace(traceId)), ['server GET', '  client SELECT']);
    assert.equal(running.stderr(), '');
  });

  // Not in Debian, and no registry of packages has its server.
  test('a command to MongoDB is in the trace of its request', { skip: 'no package of MongoDB can be had' });
});
