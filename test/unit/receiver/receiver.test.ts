import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { isOwn } from '../../../src/core/own-traffic.ts';
import { startReceiver } from '../../../src/testing.ts';
import { CERTIFICATE } from '../instrument/certificate.ts';
import { JSON_TYPE, post, PROTOBUF, spanJson, spanProtobuf, started } from './sender.ts';

/** Node 22.15 strips types only when told to; newer ones accept being told. */
const TYPES = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

function metricJson(name: string, value: number, attributes: Record<string, string>): string {
  const pairs = Object.entries(attributes).map(([key, text]) => ({ key, value: { stringValue: text } }));
  const metrics = [{ name, sum: { dataPoints: [{ asInt: String(value), attributes: pairs }] } }];
  return JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
}

suite('startReceiver', () => {
  test('takes protobuf and JSON, plain and compressed, under any prefix', async (context) => {
    const receiver = await started(context);
    const gzip = { 'content-encoding': 'gzip' };
    await post(`${receiver.url}/v1/traces`, spanProtobuf('one'), PROTOBUF);
    await post(`${receiver.url}/otlp/v1/traces`, gzipSync(spanProtobuf('two')), { ...PROTOBUF, ...gzip });
    await post(`${receiver.url}/v1/traces`, gzipSync(spanJson('three')), { ...JSON_TYPE, ...gzip });
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(
      receiver.requests.map(({ path, status, stored }) => ({ path, status, stored })),
      [
        { path: '/v1/traces', status: 200, stored: 1 },
        { path: '/otlp/v1/traces', status: 200, stored: 1 },
        { path: '/v1/traces', status: 200, stored: 1 },
      ],
    );
    assert.ok((receiver.requests[1]?.wireBytes ?? 0) > 0);
    assert.deepEqual(Buffer.from(receiver.requests[1]?.body ?? []), Buffer.from(spanProtobuf('two')));
  });

  test('answers in the encoding of the request', async (context) => {
    const receiver = await started(context);
    const json = await post(`${receiver.url}/v1/logs`, '{}');
    assert.equal(json.headers.get('content-type'), 'application/json');
    assert.deepEqual(await json.json(), {});
    const protobuf = await post(`${receiver.url}/v1/logs`, '', PROTOBUF);
    assert.equal(protobuf.headers.get('content-type'), 'application/x-protobuf');
    assert.equal((await protobuf.arrayBuffer()).byteLength, 0);
  });

  test('refuses what it cannot decode with a status and a reason, and stores nothing', async (context) => {
    const receiver = await started(context, { maxBodyBytes: 1000 });
    const status = async (path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<number> =>
      (await post(receiver.url + path, body, headers)).status;
    assert.equal(await status('/v1/traces', '{"resourceSpans": 7}', JSON_TYPE), 400);
    assert.equal(await status('/v1/traces', Buffer.from([0x0a, 0x7f]), PROTOBUF), 400);
    assert.equal(await status('/v1/traces', 'not gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' }), 400);
    assert.equal(await status('/v1/traces', 'x'.repeat(1001), JSON_TYPE), 413);
    assert.equal(
      await status('/v1/traces', gzipSync(Buffer.alloc(50_000)), { ...PROTOBUF, 'content-encoding': 'gzip' }),
      413,
    );
    assert.equal(await status('/v1/traces', '{}', { 'content-type': 'text/plain' }), 415);
    assert.equal(await status('/v1/traces', '{}', { ...JSON_TYPE, 'content-encoding': 'zstd' }), 415);
    assert.equal(await status('/v1/traces/v1/traces', '{}', JSON_TYPE), 404);
    assert.equal(await status('/api/1/envelope/', 'nope', {}), 400);
    assert.equal((await fetch(`${receiver.url}/v1/traces`)).status, 405);
    assert.equal(receiver.requests.at(-2)?.signal, 'other');
    assert.equal(receiver.requests.filter(({ stored }) => stored > 0).length, 0);
    const reason = await (await post(`${receiver.url}/v1/traces`, '{"resourceSpans": 7}')).json();
    assert.deepEqual(reason, { code: 3, message: 'resourceSpans is not an array' });
  });

  test('keeps spans for Sentry apart, and reads envelopes sent to its DSN', async (context) => {
    const receiver = await started(context);
    const { origin, username, pathname } = new URL(receiver.dsn);
    assert.equal(username, 'public');
    const event = '{"event_id":"e"}\n{"type":"event"}\n{"message":"boom"}\n';
    const answer = await post(`${origin}/api${pathname}/envelope/`, gzipSync(event), { 'content-encoding': 'gzip' });
    assert.equal(answer.status, 200);
    await post(`${origin}/api${pathname}/integration/otlp/v1/traces/`, spanJson('for Sentry'));
    assert.deepEqual(receiver.envelopeItems('event'), [{ message: 'boom' }]);
    assert.deepEqual(receiver.envelopeItems('session'), []);
    assert.equal(receiver.sentrySpans[0]?.name, 'for Sentry');
    assert.equal(receiver.spans.length, 0);
  });

  test('trace() gives the spans of one trace by start', async (context) => {
    const receiver = await started(context);
    await post(`${receiver.url}/v1/traces`, spanJson('late', { startTimeUnixNano: '9' }));
    await post(`${receiver.url}/v1/traces`, spanJson('other', { traceId: 'f'.repeat(32) }));
    await post(
      `${receiver.url}/v1/traces`,
      spanJson('child', { startTimeUnixNano: '5', parentSpanId: 'c'.repeat(16) }),
    );
    await post(`${receiver.url}/v1/traces`, spanJson('parent', { startTimeUnixNano: '5', spanId: 'c'.repeat(16) }));
    assert.deepEqual(
      receiver.trace('a'.repeat(32)).map(({ name }) => name),
      ['parent', 'child', 'late'],
    );
    assert.deepEqual(receiver.trace('0'.repeat(32)), []);
  });

  test('metric() gives the newest point that has the attributes', async (context) => {
    const receiver = await started(context);
    await post(`${receiver.url}/v1/metrics`, metricJson('orders', 1, { shop: 'a' }));
    await post(`${receiver.url}/v1/metrics`, metricJson('orders', 2, { shop: 'a', kind: 'x' }));
    await post(`${receiver.url}/v1/metrics`, metricJson('orders', 7, { shop: 'b' }));
    assert.equal(receiver.metric('orders')?.value, 7);
    assert.equal(receiver.metric('orders', { shop: 'a' })?.value, 2);
    assert.equal(receiver.metric('orders', { shop: 'c' }), undefined);
    assert.equal(receiver.metric('unknown'), undefined);
  });

  test('GET /telemetry gives everything as JSON', async (context) => {
    const receiver = await started(context);
    await post(`${receiver.url}/v1/traces`, spanJson('GET /', { startTimeUnixNano: '1700000000123456789' }));
    const dump = (await (await fetch(`${receiver.url}/telemetry`)).json()) as { spans: { startNanos: string }[] };
    assert.equal(dump.spans[0]?.startNanos, '1700000000123456789');
  });

  test('waitFor() resolves at the arrival, rejects at the deadline saying what is there, and at close()', async (context) => {
    const receiver = await started(context);
    const found = receiver.waitFor(() => receiver.spans.find(({ name }) => name === 'x'));
    const counted = receiver.waitFor({ spans: 2, requests: 2 });
    await post(`${receiver.url}/v1/traces`, spanJson('w'));
    await post(`${receiver.url}/v1/traces`, spanJson('x'));
    assert.equal((await found)?.name, 'x');
    await counted;
    await assert.rejects(
      receiver.waitFor({ logs: 1 }, 20),
      /not received within 20 ms: there are 2 spans, 0 logs.*traces 200/,
    );
    await assert.rejects(
      receiver.waitFor(() => {
        throw new TypeError('mistake in the test');
      }),
      TypeError,
    );
    const abandoned = assert.rejects(receiver.waitFor({ logs: 1 }), /was closed/);
    await receiver.close();
    await abandoned;
  });

  test('memory is bounded: the oldest items are forgotten and counted', async (context) => {
    const receiver = await started(context, { maxItems: 2 });
    for (const name of ['a', 'b', 'c']) await post(`${receiver.url}/v1/traces`, spanJson(name));
    assert.deepEqual(
      receiver.spans.map(({ name }) => name),
      ['b', 'c'],
    );
    assert.equal(receiver.forgotten, 2);
    receiver.clear();
    assert.equal(receiver.spans.length + receiver.requests.length + receiver.forgotten, 0);
  });

  test('its server is marked as telemetry of our own', async (context) => {
    const seen: object[] = [];
    const see = (message: unknown): void => void seen.push((message as { server: object }).server);
    subscribe('http.server.request.start', see);
    context.after(() => unsubscribe('http.server.request.start', see));
    const receiver = await started(context);
    await post(`${receiver.url}/v1/logs`, '{}');
    assert.deepEqual(seen.map(isOwn), [true]);
  });

  test('with tls, serves HTTPS and asks for the client certificate', async (context) => {
    const receiver = await started(context, { tls: { ...CERTIFICATE, ca: CERTIFICATE.cert } });
    assert.match(receiver.url, /^https:/);
    const send = (client: object): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = { method: 'POST', headers: JSON_TYPE, ca: CERTIFICATE.cert, agent: false, ...client };
        const sender = httpsRequest(`${receiver.url}/v1/traces`, options, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        sender.on('error', reject).end(spanJson('secret'));
      });
    await assert.rejects(send({}));
    assert.equal(await send(CERTIFICATE), 200);
    assert.equal(receiver.spans[0]?.name, 'secret');
  });

  test('a busy port is a rejection', async (context) => {
    const receiver = await started(context);
    await assert.rejects(startReceiver({ port: Number(new URL(receiver.url).port) }), { code: 'EADDRINUSE' });
  });

  test('with unref, a process that only has a receiver ends by itself', async () => {
    const code = `const { startReceiver } = await import(${JSON.stringify(new URL('../../../src/testing.ts', import.meta.url))});
      const receiver = await startReceiver({ unref: true });
      await fetch(receiver.url + '/v1/logs', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
      console.log(receiver.requests.length);`;
    const run = await promisify(execFile)(process.execPath, [...TYPES, '--input-type=module', '-e', code], {
      timeout: 20_000,
    });
    assert.equal(run.stdout, '1\n');
  });

  test('a sender that goes away in the middle of a body leaves nothing', async (context) => {
    const receiver = await started(context);
    const sender = httpRequest(`${receiver.url}/v1/logs`, {
      method: 'POST',
      headers: { ...JSON_TYPE, 'content-length': 100 },
    });
    sender.on('error', () => undefined);
    await new Promise((resolve) => sender.write('{', resolve));
    await receiver.waitFor(() => receiver.connections === 1);
    sender.destroy();
    await post(`${receiver.url}/v1/logs`, '{}');
    assert.equal(receiver.requests.length, 1);
  });
});
