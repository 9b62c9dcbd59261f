/** The request id of a program that has only the preload: on responses, spans and log records. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { httpRequest } from '../support/http-request.ts';
import { runApp, startApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const SERVER = `
import { createServer } from 'node:http';
import { logs } from '@opentelemetry/api';
import { requestId, setRequestContext } from 'duotel';
const server = createServer(async (request, response) => {
  setRequestContext({ userId: 'u1', tags: { property_id: 'p1' } });
  await null;
  logs.getLogger('app').emit({ body: request.url });
  if (request.url === '/fail') response.statusCode = 500;
  response.end(requestId());
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`;

test('one setting puts the same id on response, span and log record, of errors and probes too', async () => {
  const app = startApp({
    code: SERVER,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'none',
      DUOTEL_RESPONSE_HEADERS: 'x-request-id,server-timing',
    },
  });
  const target = { host: '127.0.0.1', port: Number((await app.line(/port (\d+)/))[1]) };
  const ids = new Map<string, string>();
  for (const path of ['/fine', '/fail', '/health']) {
    const { headers, body } = await httpRequest(target, { path });
    assert.equal(headers['x-request-id'], body.toString());
    assert.match(String(headers['server-timing']), /^total;dur=/);
    ids.set(path, body.toString());
  }
  app.child.kill('SIGTERM');
  const { stderr } = await app.ended;
  assert.equal(stderr, '');
  assert.equal(new Set(ids.values()).size, 3);
  const wanted = (path: string) => ({ 'request.id': ids.get(path), 'user.id': 'u1', property_id: 'p1' });
  assert.deepEqual(
    receiver.logs.map(({ body, attributes }) => [body, attributes]),
    [...ids.keys()].map((path) => [path, wanted(path)]),
  );
  assert.deepEqual(
    new Set(receiver.spans.map(({ attributes }) => attributes['url.path'])),
    new Set(['/fail', '/fine']),
  );
  for (const { attributes, traceId } of receiver.spans) {
    const { 'request.id': id, 'user.id': user, property_id: tag } = attributes;
    assert.deepEqual({ 'request.id': id, 'user.id': user, property_id: tag }, wanted(String(attributes['url.path'])));
    assert.equal(receiver.logs.find((log) => log.attributes['request.id'] === id)?.traceId, traceId);
  }
});

test('a program without requests loads no part of them, and may ask all the same', async () => {
  const { stdout, stderr } = await runApp({
    code: `import { requestId, setRequestContext } from 'duotel';
      setRequestContext({ userId: 'u' });
      console.log(requestId(), process.moduleLoadList.includes('NativeModule crypto'));`,
  });
  assert.deepEqual([stdout, stderr], ['undefined false\n', '']);
});
