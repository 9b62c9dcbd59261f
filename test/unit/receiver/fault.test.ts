import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { JSON_TYPE, post, PROTOBUF, spanJson, started } from './sender.ts';

suite('fault', () => {
  test('statuses come with retry-after and a body, apply so many times, and store nothing', async (context) => {
    const receiver = await started(context);
    receiver.fault({ signal: 'traces', retryAfterSeconds: 2, times: 2 });
    const first = await post(`${receiver.url}/v1/traces`, spanJson('a'));
    assert.equal(first.status, 503);
    assert.equal(first.headers.get('retry-after'), '2');
    assert.equal((await post(`${receiver.url}/v1/logs`, '{}')).status, 200);
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 503);
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 200);
    assert.equal(receiver.spans.length, 1);
  });

  test('deltas are refused as Prometheus refuses them, totals and other signals are not', async (context) => {
    const receiver = await started(context);
    receiver.fault({ refuseDeltas: true });
    const sum = (aggregationTemporality: number): string =>
      JSON.stringify({
        resourceMetrics: [
          {
            scopeMetrics: [
              { metrics: [{ name: 'orders', sum: { aggregationTemporality, dataPoints: [{ asInt: '1' }] } }] },
            ],
          },
        ],
      });
    const refused = await post(`${receiver.url}/v1/metrics`, sum(1));
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /invalid temporality and type combination for metric \\"orders\\"/);
    assert.equal((await post(`${receiver.url}/v1/metrics`, sum(2))).status, 200);
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 200);
    assert.deepEqual([receiver.metrics.length, receiver.spans.length], [1, 1]);
  });

  test('the newest wins, and is over when it is removed', async (context) => {
    const receiver = await started(context);
    receiver.fault({ status: 500 });
    const remove = receiver.fault({ status: 401, headers: { 'www-authenticate': 'Basic' } });
    const refused = await post(`${receiver.url}/v1/traces`, spanJson('a'));
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('www-authenticate'), 'Basic');
    remove();
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 500);
    receiver.clear();
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 200);
  });

  test('partial success is what the official deserializers read', async (context) => {
    const receiver = await started(context);
    const message = `too many series: ${'é'.repeat(100)}`;
    receiver.fault({ partialSuccess: { rejected: 7, message } });
    const read = async (path: string): Promise<Uint8Array> =>
      new Uint8Array(await (await post(receiver.url + path, '', PROTOBUF)).arrayBuffer());
    const traces = ProtobufTraceSerializer.deserializeResponse(await read('/v1/traces'));
    assert.equal(Number(traces.partialSuccess?.rejectedSpans), 7);
    assert.equal(traces.partialSuccess?.errorMessage, message);
    const metrics = ProtobufMetricsSerializer.deserializeResponse(await read('/v1/metrics'));
    assert.equal(Number(metrics.partialSuccess?.rejectedDataPoints), 7);
    const logs = ProtobufLogsSerializer.deserializeResponse(await read('/v1/logs'));
    assert.equal(Number(logs.partialSuccess?.rejectedLogRecords), 7);
    const json = await (await post(`${receiver.url}/v1/metrics`, '{}')).json();
    assert.deepEqual(json, { partialSuccess: { rejectedDataPoints: '7', errorMessage: message } });
  });

  test('a delayed answer is a complete one', async (context) => {
    const receiver = await started(context);
    receiver.fault({ delayMillis: 30 });
    const start = performance.now();
    assert.equal((await post(`${receiver.url}/v1/traces`, spanJson('a'))).status, 200);
    assert.ok(performance.now() - start >= 25);
    assert.equal(receiver.spans.length, 1);
  });

  test('garbage is a success whose body is neither encoding', async (context) => {
    const receiver = await started(context);
    receiver.fault({ garbage: true });
    const answer = await post(`${receiver.url}/v1/traces`, spanJson('a'));
    assert.equal(answer.status, 200);
    await assert.rejects(answer.json());
    assert.equal(receiver.spans.length, 1);
  });

  test('a reset, a reset in the middle of the answer and a hanging request never complete and store nothing', async (context) => {
    const receiver = await started(context);
    receiver.fault({ reset: true, times: 1 });
    await assert.rejects(post(`${receiver.url}/v1/traces`, spanJson('a')));
    receiver.fault({ resetMidBody: true, times: 1 });
    await assert.rejects(post(`${receiver.url}/v1/traces`, spanJson('a')).then((answer) => answer.text()));
    receiver.fault({ hang: true, times: 1 });
    const stopped = new AbortController();
    const hanging = fetch(`${receiver.url}/v1/traces`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: spanJson('a'),
      signal: stopped.signal,
    });
    const rejected = assert.rejects(hanging);
    await receiver.waitFor({ requests: 3 });
    stopped.abort();
    await rejected;
    assert.equal(receiver.spans.length, 0);
    assert.deepEqual(
      receiver.requests.map(({ status }) => status),
      [undefined, undefined, undefined],
    );
  });

  test('a dripping answer starts and never ends, and does not keep close() waiting', async (context) => {
    const receiver = await started(context);
    receiver.fault({ drip: true });
    const answer = await post(`${receiver.url}/v1/traces`, spanJson('a'));
    const reader = answer.body?.getReader();
    assert.equal((await reader?.read())?.done, false);
    await receiver.close();
    await assert.rejects(async () => {
      while (!(await reader?.read())?.done);
    });
  });
});
