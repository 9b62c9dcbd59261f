/**
 * Databases and brokers, real ones: what a program asks of them is in the trace of its request.
 */
import assert from 'node:assert/strict';
import { before, suite, test, type TestContext } from 'node:test';
import { startReceiver, type ReceivedSpan } from '../../src/testing.ts';
import { FAST_EXPORT } from '../support/backends-app.ts';
import { startKafka, startMariaDb, startRabbit } from '../support/backends-brokers.ts';
import { SKIP_WITHOUT_POSTGRES, startPostgres, startRedis } from '../support/backends-databases.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, getText, launch, skipWithout, waitFor, suiteOwner } from '../support/backends.ts';
import { PACKAGES, type ProgramFor, writeProgramFor } from '../support/instrumented-apps.ts';

interface Case {
  readonly title: string;
  readonly skip: string | false;
  readonly program: ProgramFor;
  /** Starts it and returns its address, which the program finds in `SERVER_ADDRESS`. */
  readonly start: (t: TestContext) => Promise<string>;
  readonly tree: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  {
    title: 'a query to PostgreSQL',
    skip: SKIP_WITHOUT_POSTGRES,
    program: 'postgres',
    start: startPostgres,
    tree: ['  client pg-pool.connect', '    client pg.connect', '  client pg.query:SELECT postgres'],
  },
  {
    title: 'a query to MariaDB',
    skip: skipWithout('mariadb'),
    program: 'mysql',
    start: startMariaDb,
    tree: ['  client SELECT'],
  },
  {
    title: 'a command to Redis',
    skip: skipWithout('redis'),
    program: 'redis',
    start: startRedis,
    tree: ['  client set'],
  },
  {
    title: 'a message through RabbitMQ',
    skip: skipWithout('rabbitmq'),
    program: 'rabbit',
    start: startRabbit,
    tree: ['  producer publish <default>', '    consumer jobs process'],
  },
  {
    title: 'a message through Kafka',
    skip: skipWithout('kafka'),
    program: 'kafka',
    start: startKafka,
    tree: ['  producer send jobs', '    consumer process jobs'],
    // kafkajs 2 gives a timer a negative time.
    env: { NODE_NO_WARNINGS: '1' },
  },
];

/** Spans as an indented list, children in the order of their names. */
function treeOf(spans: readonly ReceivedSpan[], parent?: string, indent = ''): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans
    .filter(({ parentSpanId }) => (parent === undefined ? !ids.has(parentSpanId ?? '') : parentSpanId === parent))
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((span) => [`${indent}${span.kind} ${span.name}`, ...treeOf(spans, span.spanId, `${indent}  `)]);
}

suite('instrumentations of databases and brokers', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  for (const { title, skip, program, start, tree, env = {} } of CASES)
    test(`${title} is in the trace of its request`, { skip }, async (t) => {
      const otlp = await startReceiver();
      t.after(() => otlp.close());
      const environment = cleanEnvironment({
        OTEL_SERVICE_NAME: 'app',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        SERVER_ADDRESS: await start(t),
        ...env,
        ...FAST_EXPORT,
      });
      const args = ['--import', 'duotel/register', ...writeProgramFor(folder, program)];
      const running = launch(t, process.execPath, args, { cwd: folder, env: environment });
      const port = await waitFor('the port', () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
      const traceId = await getText(`http://127.0.0.1:${port}/users/7`);
      await otlp.waitFor(() => otlp.trace(traceId).length > tree.length, 10_000);
      await running.stop();
      assert.deepEqual(treeOf(otlp.trace(traceId)), ['server GET', ...tree]);
      assert.equal(running.stderr(), '');
    });

  // Not in Debian, and no registry of packages has its server.
  test('a command to MongoDB is in the trace of its request', { skip: 'no package of MongoDB can be had' });
});
