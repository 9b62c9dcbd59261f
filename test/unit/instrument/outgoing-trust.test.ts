import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OutgoingTrust } from '../../../src/instrument/outgoing-trust.ts';
import { observe, serve } from './observe.ts';

const observed = observe({ traceHosts: '127.0.0.1', baggageHosts: '127.0.0.1' });

const span = trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 });
const baggage = propagation.createBaggage({ tenant: { value: 'blue' } });
const scope = propagation.setBaggage(trace.setSpan(ROOT_CONTEXT, span), baggage);

/** Names of the headers a host is sent. */
function sent(lists: { traceHosts: string; baggageHosts: string }, address: string, port?: number): string[] {
  const headers: string[] = [];
  const trust = new OutgoingTrust(lists);
  const setter = { set: (_: object, name: string) => void headers.push(name) };
  for (let turn = 0; turn < 2; turn++) trust.inject(scope, { scheme: 'https', address, port }, { request: {}, setter });
  assert.deepEqual(headers.slice(0, headers.length / 2), headers.slice(headers.length / 2));
  return headers.slice(headers.length / 2);
}

test('by default every host is sent the trace and none the baggage', () => {
  const lists = { traceHosts: '*', baggageHosts: '' };
  assert.deepEqual(sent(lists, 'anywhere.test'), ['traceparent']);
});

test('lists decide by host, domain and port', () => {
  const lists = { traceHosts: 'ours.test, partner.test:8443', baggageHosts: 'api.ours.test' };
  assert.deepEqual(sent(lists, 'api.ours.test'), ['traceparent', 'baggage']);
  assert.deepEqual(sent(lists, 'API.ours.test', 9000), ['traceparent', 'baggage']);
  assert.deepEqual(sent(lists, 'web.ours.test'), ['traceparent']);
  assert.deepEqual(sent(lists, 'notours.test'), []);
  assert.deepEqual(sent(lists, 'partner.test'), []);
  assert.deepEqual(sent(lists, 'partner.test', 8443), ['traceparent']);
  assert.deepEqual(sent({ traceHosts: '::1', baggageHosts: '' }, '::1', 80), ['traceparent']);
});

test('http and fetch ask the lists; the span is made either way', async () => {
  using served = await serve((request, response) => {
    response.end(`${request.headers['traceparent'] !== undefined} ${String(request.headers['baggage'])}`);
  });
  const ask = async (url: string): Promise<string> => {
    const response = await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => fetch(url));
    return response.text();
  };
  assert.equal(await ask(served.url), 'true tenant=blue');
  assert.equal(await ask(served.url.replace('127.0.0.1', 'localhost')), 'false undefined');
  assert.equal((await observed.ended(SpanKind.CLIENT, 2)).length, 2);
});
