import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { trace } from '@opentelemetry/api';
import { currentRequest } from '../../../src/request/request-context.ts';
import { observe, serve } from './observe.ts';

const observed = observe();
afterEach(() => observed.clear());

test('an ignored request leaves no span and no metric, nor does what is done for it; it has an id', async () => {
  using inner = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  using served = await serve((_request, response) => {
    const id = currentRequest()?.id;
    observed.tracerProvider.getTracer('mine').startSpan('own').end();
    void fetch(`${inner.url}/health`)
      .then((answer) => answer.text())
      .then((carried) => response.end(JSON.stringify([id === currentRequest()?.id, carried, !trace.getActiveSpan()])));
  });
  const text = await (await fetch(`${served.url}/metrics`, { headers: { 'x-request-id': 'a' } })).text();
  assert.deepEqual(JSON.parse(text), [true, 'undefined', true]);
  // The only span is that of this test's own fetch.
  assert.deepEqual(
    observed.spans().map((span) => span.attributes['url.full']),
    [`${served.url}/metrics`],
  );
  for (const name of ['http.server.request.duration', 'http.server.active_requests'])
    assert.deepEqual(await observed.points(name), [], name);
});
