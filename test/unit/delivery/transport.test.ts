import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { gunzipSync } from 'node:zlib';
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { createDeadline } from '../../../src/core/deadline.ts';
import { createTransport, type Transport, type TransportResult } from '../../../src/delivery/transport.ts';
import { MAX_BODY_BYTES } from '../../../src/delivery/connection.ts';
import {
  destinationAt,
  type FaultServer,
  holding,
  refusedUrl,
  startServer,
  startTcpServer,
  until,
} from './fault-server.ts';

const BODY = Buffer.from('telemetry');

/** Generous upper bound for "ends at its deadline" on a loaded machine. */
const MARGIN_MILLIS = 1500;

function opened(t: TestContext, server: FaultServer, changes: Parameters<typeof destinationAt>[1] = {}): Transport {
  const transport = createTransport(destinationAt(server.url, changes));
  t.after(async () => {
    transport.close();
    await server.close();
  });
  return transport;
}

const post = (transport: Transport, budgetMillis = 5000): Promise<TransportResult> =>
  holding(() => transport.post(BODY, 'application/x-protobuf', createDeadline(budgetMillis)));

const failureCode = (result: TransportResult): string =>
  result.status === 'failed' ? result.code : `answered ${result.statusCode}`;

test('a body arrives with its type, the configured headers and our user agent', async (t) => {
  const server = await startServer((_, response) => response.end('thanks'));
  const transport = opened(t, server, {
    headers: { authorization: 'Basic abc', 'content-type': 'text/plain', host: 'elsewhere' },
  });
  const result = await post(transport);
  assert.ok(result.status === 'answered');
  assert.equal(result.statusCode, 200);
  assert.equal(Buffer.from(result.body).toString(), 'thanks');
  const [request] = server.requests;
  assert.equal(request?.method, 'POST');
  assert.equal(request?.path, '/v1/traces');
  assert.equal(request?.headers.authorization, 'Basic abc');
  assert.equal(
    request?.headers['content-type'],
    'application/x-protobuf',
    'a configured header cannot lie about the body',
  );
  assert.equal(request?.headers.host, `localhost:${server.port}`);
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal(request?.headers['user-agent'], `duotel/${version}`);
  assert.deepEqual(request?.body, BODY);
});

test('gzip compresses the body and says so', async (t) => {
  const server = await startServer((_, response) => response.end());
  await post(opened(t, server, { compression: 'gzip' }));
  assert.equal(server.requests[0]?.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(server.requests[0]?.body ?? Buffer.alloc(0)), BODY);
});

test('requests one after the other share a connection', async (t) => {
  const server = await startServer((_, response) => response.end());
  const transport = opened(t, server);
  for (let round = 0; round < 3; round += 1) await post(transport);
  assert.equal(server.connections(), 1);
});

test('a kept-alive connection that the server closes in that moment is replaced without a failure', async (t) => {
  let served = 0;
  const server = await startTcpServer((socket) => {
    socket.on('data', () => {
      served += 1;
      // The first connection answers once and is reset by the next request.
      if (served === 2) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  const transport = opened(t, server);
  assert.equal((await post(transport)).status, 'answered');
  assert.equal((await post(transport)).status, 'answered');
  assert.equal(server.connections(), 2);
});

test('a request runs untraced, and does not see what the application had active', async (t) => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const key = createContextKey('application');
  const seen: { suppressed: boolean; value: unknown }[] = [];
  const onStart = (): void =>
    void seen.push({ suppressed: isTracingSuppressed(context.active()), value: context.active().getValue(key) });
  subscribe('http.client.request.start', onStart);
  t.after(() => {
    unsubscribe('http.client.request.start', onStart);
    context.disable();
  });
  const server = await startServer((_, response) => response.end());
  const transport = opened(t, server);
  await context.with(ROOT_CONTEXT.setValue(key, 'request'), () => post(transport));
  assert.deepEqual(seen, [{ suppressed: true, value: undefined }]);
});

test('credentials in the URL are sent as basic authentication', async (t) => {
  const server = await startServer((_, response) => response.end());
  const transport = createTransport(destinationAt(server.url.replace('//', '//user:pass@')));
  t.after(async () => {
    transport.close();
    await server.close();
  });
  await post(transport);
  assert.equal(server.requests[0]?.headers.authorization, `Basic ${Buffer.from('user:pass').toString('base64')}`);
});

test('a redirect is not followed', async (t) => {
  const target = await startServer((_, response) => response.end());
  t.after(() => target.close());
  const server = await startServer((_, response) => response.writeHead(307, { location: target.url }).end());
  const result = await post(opened(t, server));
  assert.equal(result.status === 'answered' && result.statusCode, 307);
  assert.equal(target.requests.length, 0);
});

test('a refused connection gives its code', async (t) => {
  const transport = createTransport(destinationAt(await refusedUrl()));
  t.after(() => transport.close());
  assert.equal(failureCode(await post(transport)), 'ECONNREFUSED');
});

test('an unknown host gives its code', async (t) => {
  const transport = createTransport(destinationAt('http://no-such-host.invalid:4318/v1/traces'));
  t.after(() => transport.close());
  assert.match(failureCode(await post(transport)), /^(ENOTFOUND|EAI_AGAIN)$/);
});

test('an address or header Node.js refuses is a failure, not an exception', async (t) => {
  for (const [url, value] of [
    ['nonsense', 'x'],
    ['ftp://localhost/v1/traces', 'x'],
    ['http://localhost:1/v1/traces', 'line\nbreak'],
  ] as const) {
    const transport = createTransport(destinationAt(url, { headers: { 'x-header': value } }));
    t.after(() => transport.close());
    assert.match(failureCode(await post(transport)), /^ERR_/, url);
  }
});

const SILENCES = {
  'accepts and never answers': undefined,
  'drips the head of its answer': 'HTTP/1.1 200 OK\r\nx-drip: ',
  'drips the body of its answer': 'HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n',
};

for (const [title, beginning] of Object.entries(SILENCES)) {
  test(`a request ends at its deadline when the server ${title}`, async (t) => {
    const server = await startTcpServer((socket) => {
      if (beginning === undefined) return;
      socket.write(beginning);
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const startedAt = performance.now();
    const result = await post(opened(t, server), 300);
    const tookMillis = performance.now() - startedAt;
    assert.deepEqual(result, { status: 'failed', code: 'DEADLINE', message: 'no answer in 300 ms' });
    assert.ok(tookMillis >= 290 && tookMillis < 300 + MARGIN_MILLIS, `${tookMillis} ms`);
  });
}

test('a late request is destroyed, so the server sees its connection close', async (t) => {
  let closed = false;
  const server = await startTcpServer((socket) => void socket.resume().on('close', () => (closed = true)));
  await post(opened(t, server), 100);
  await until(() => closed, 'connection closed');
});

test('a connection reset before an answer is a failure', async (t) => {
  const server = await startServer((request) => request.socket.resetAndDestroy());
  assert.equal(failureCode(await post(opened(t, server))), 'ECONNRESET');
});

test('an answer that is cut off counts as no answer, even if it began with 200', async (t) => {
  const server = await startServer((request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => request.socket.destroy());
  });
  assert.equal((await post(opened(t, server))).status, 'failed');
});

test('bytes that are no HTTP are a protocol failure', async (t) => {
  const server = await startTcpServer(
    (socket) => void socket.once('data', () => socket.end('\0\0\u0012\u0004 not http at all\r\n\r\n')),
  );
  assert.match(failureCode(await post(opened(t, server))), /^HPE_/);
});

test('of a body that is too large only the first part is read and the connection is closed', async (t) => {
  let sentBytes = 0;
  let closed = false;
  const server = await startServer((_, response) => {
    response.on('close', () => (closed = true));
    const chunk = Buffer.alloc(16_384, 'x');
    const pump = (): void => {
      while (!closed && sentBytes < 2 ** 30) {
        sentBytes += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', pump);
      }
    };
    pump();
  });
  const result = await post(opened(t, server));
  assert.ok(result.status === 'answered');
  assert.equal(result.body.length, MAX_BODY_BYTES);
  await until(() => closed, 'connection closed');
  assert.ok(sentBytes < 2 ** 26, `${sentBytes} bytes were sent`);
});

test('an early answer to a large body is read', async (t) => {
  const server = await startTcpServer((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 413 Payload Too Large\r\ncontent-length: 3\r\n\r\nbig'));
    socket.resume();
  });
  const transport = opened(t, server);
  const result = await holding(() => transport.post(Buffer.alloc(4_000_000), 'application/json', createDeadline(5000)));
  assert.equal(result.status === 'answered' && result.statusCode, 413);
});

test('close() ends a request at once, and later ones too', async (t) => {
  const server = await startTcpServer(() => undefined);
  const transport = opened(t, server);
  const startedAt = performance.now();
  const pending = post(transport, 60_000);
  await until(() => server.connections() === 1, 'connected');
  transport.close();
  assert.equal(failureCode(await pending), 'CLOSED');
  assert.ok(performance.now() - startedAt < 5000);
  assert.equal(failureCode(await post(transport)), 'CLOSED');
});

test('many requests that fail leave no listeners, sockets or timers behind', async (t) => {
  const server = await startServer((request) => request.socket.destroy());
  const transport = opened(t, server);
  for (let round = 0; round < 50; round += 1) await post(transport);
  const kinds = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap');
  await until(() => kinds().length === 0, 'sockets closed');
});
