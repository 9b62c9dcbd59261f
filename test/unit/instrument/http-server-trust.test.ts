import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import { currentRequest } from '../../../src/request/request-context.ts';
import { exchangeRaw, observe, PARENT_ID, serve, TRACE_ID } from './observe.ts';

const observed = observe({ trustIncoming: false });
afterEach(() => observed.clear());

const request = (flags: string): string =>
  'GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nBaggage: tenant=blue\r\nX-Request-ID: theirs\r\n' +
  `Traceparent: 00-${TRACE_ID}-${PARENT_ID}-${flags}\r\n\r\n`;

test('a stranger’s trace is a link, and neither its sampling flag, its baggage nor its id counts', async () => {
  const seen: unknown[] = [];
  using served = await serve((_request, response) => {
    seen.push(propagation.getBaggage(context.active()), currentRequest()?.id === 'theirs');
    response.end();
  });
  for (const flags of ['00', '01']) {
    observed.clear();
    await exchangeRaw(served.port, request(flags));
    const span = (await observed.ended(SpanKind.SERVER))[0]!;
    assert.equal(span.parentSpanContext, undefined);
    assert.notEqual(span.spanContext().traceId, TRACE_ID);
    assert.deepEqual(
      span.links.map(({ context: linked }) => [linked.traceId, linked.spanId]),
      [[TRACE_ID, PARENT_ID]],
    );
  }
  assert.deepEqual(seen, [undefined, false, undefined, false]);
});

test('a request without a trace has no link', async () => {
  using served = await serve((_request, response) => response.end());
  await exchangeRaw(served.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.deepEqual((await observed.ended(SpanKind.SERVER))[0]?.links, []);
});
