/** Routes of fastify, whoever answers, and what handlers throw; the program sees nothing of it. */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, suiteOwner } from '../support/backends.ts';
import { writeProgram } from '../support/instrumented-apps.ts';

const SOURCE = `
import fastify from 'fastify';
const app = fastify();
const names = [];
app.addHook('onRequest', async (request, reply) => {
  names.push(app.pluginName, app.printRoutes({ includeHooks: true }).includes('otel'));
  if (request.url.startsWith('/private')) return reply.code(401).send('no');
});
app.get('/private/:id', async () => 'secret');
const body = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
app.post('/checked/:id', { schema: { body } }, async () => 'fine');
app.get('/broken/:id', async () => { throw new TypeError('mine'); });
app.get('/wrong/:id', async () => { throw Object.assign(new Error('theirs'), { statusCode: 409 }); });
app.get('/raw/:id', (request, reply) => { reply.hijack(); reply.raw.end('raw'); });
await app.listen({ port: 0, host: '127.0.0.1' });
const ask = async (path, options) => {
  const response = await fetch('http://127.0.0.1:' + app.server.address().port + path, options);
  return [response.status, await response.text()];
};
const answers = [];
for (const path of ['/private/7', '/broken/7', '/wrong/7', '/raw/7', '/nowhere/7']) answers.push(await ask(path));
answers.push(await ask('/checked/7', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }));
await app.close();
console.log(JSON.stringify([[...new Set(names)], answers]));
`;

const SPANS = [
  'GET /nowhere/7 404',
  'GET /broken/:id 500 exception',
  'GET /private/:id 401',
  'GET /raw/:id 200',
  'GET /wrong/:id 409',
  'POST /checked/:id 400',
];

/** fastify 4 publishes nothing around handlers. */
const OLDER = SPANS.map((line) => line.replace('/raw/:id', '/raw/7'));

suite('fastify', () => {
  const owner = suiteOwner();
  const folders = new Map<number, string>();
  before(async () => {
    for (const major of [5, 4])
      folders.set(major, await installPacked(owner, ['@opentelemetry/api@1.10.0', `fastify@${major}`]));
  });

  for (const [major, expected] of [
    [5, SPANS],
    [4, OLDER],
  ] as const) {
    test(`${major}: every answer has its route, and the program sees no plugin and no hook`, async (t) => {
      const folder = folders.get(major) ?? '';
      const otlp = await startReceiver();
      t.after(() => otlp.close());
      const args = writeProgram(folder, 'routes', 'mjs', SOURCE);
      const run = async (nodeArgs: readonly string[]): Promise<string> => {
        const env = { OTEL_SERVICE_NAME: 'app', OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_METRICS_EXPORTER: 'none' };
        const running = launch(t, process.execPath, ['--no-deprecation', ...nodeArgs, ...args], {
          cwd: folder,
          env: cleanEnvironment(env),
        });
        assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
        assert.equal(running.stderr(), '');
        return running.stdout();
      };
      assert.equal(await run(['--import', 'duotel/register']), await run([]));
      const seen = otlp.spans
        .filter(({ kind }) => kind === 'server')
        .map(({ attributes, events }) => {
          const route = attributes['http.route'] ?? attributes['url.path'];
          const facts = [attributes['http.request.method'], route, attributes['http.response.status_code']];
          return [...facts, ...events.map(({ name }) => name)].join(' ');
        });
      assert.deepEqual(seen.toSorted(), expected.toSorted());
    });
  }
});
