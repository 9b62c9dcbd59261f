/** One operation of packages that need no server of their own, inside one trace: the bundled code does its work. */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, suiteOwner } from '../support/backends.ts';
import { writeProgram } from '../support/instrumented-apps.ts';

const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  'winston@3',
  'bunyan@1',
  'graphql@16',
  '@aws-sdk/client-sqs@3',
  'openai@6',
  'redis@5',
];

/** The service it asks answers as SQS and as OpenAI. Nothing listens on port 1, which redis is given. */
const SOURCE = `
import http from 'node:http';
import { once } from 'node:events';
import { trace } from '@opentelemetry/api';
import winston from 'winston';
import bunyan from 'bunyan';
import { buildSchema, graphql } from 'graphql';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { OpenAI } from 'openai';
import { createClient } from 'redis';

const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } };
const chat = { id: '1', model: 'm', choices: [choice], usage: { prompt_tokens: 1, completion_tokens: 2 } };
const server = http.createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(request.url.includes('chat') ? chat : { QueueUrls: [] }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = 'http://127.0.0.1:' + server.address().port;
await trace.getTracer('app').startActiveSpan('root', async (span) => {
  winston.createLogger({ transports: [new winston.transports.Console()] }).info('winston');
  bunyan.createLogger({ name: 'app' }).info('bunyan');
  await graphql({ schema: buildSchema('type Query { a: Int }'), source: '{ a }', rootValue: { a: 1 } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  await new SQSClient({ region: 'x', endpoint: url, credentials }).send(new ListQueuesCommand({}));
  const messages = [{ role: 'user', content: 'hello' }];
  await new OpenAI({ apiKey: 'k', baseURL: url }).chat.completions.create({ model: 'm', messages });
  const client = createClient({ url: 'redis://127.0.0.1:1', socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect().catch(() => undefined);
  span.end();
});
server.closeAllConnections();
server.close();
`;

suite('operations', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  test('each package adds its spans, its log records and its ids to one trace', async (t) => {
    const otlp = await startReceiver();
    t.after(() => otlp.close());
    const args = ['--import', 'duotel/register', ...writeProgram(folder, 'operations', 'mjs', SOURCE)];
    const env = { OTEL_SERVICE_NAME: 'app', OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
    const running = launch(t, process.execPath, args, { cwd: folder, env: cleanEnvironment(env) });
    assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
    assert.equal(running.stderr(), '');

    const root = otlp.spans.find(({ name }) => name === 'root');
    const children = otlp.spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId).map(({ name }) => name);
    for (const name of ['graphql.parse', 'graphql.validate', 'query', 'SQS.ListQueues', 'chat m', 'redis-connect'])
      assert.ok(children.includes(name), `${name} in ${children.join()}`);
    const lines = running.stdout().trim().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines)
      assert.equal((JSON.parse(line) as { readonly trace_id: string }).trace_id, root?.traceId, line);
    assert.equal(otlp.logs.find(({ body }) => body === 'bunyan')?.traceId, root?.traceId);
    assert.ok(otlp.logs.some(({ attributes }) => attributes['event.name'] === 'gen_ai.choice'));
    assert.ok(otlp.metrics.some(({ name }) => name === 'gen_ai.client.token.usage'));
  });
});
