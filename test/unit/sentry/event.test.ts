import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CapturedError, ErrorDetails } from '../../../src/errors/captured-error.ts';
import { toEvent } from '../../../src/sentry/event.ts';
import { identityOf } from '../../../src/sentry/identity.ts';
import { toTags } from '../../../src/sentry/tags.ts';

const details = (type: string, causes: readonly ErrorDetails[] = [], stack?: string): ErrorDetails => ({
  type,
  message: `${type} happened`,
  stack,
  code: undefined,
  causes,
});

const CAPTURED: CapturedError = {
  eventId: '0123456789abcdef0123456789abcdef',
  error: undefined,
  details: details('TypeError'),
  classification: {
    errorClass: 'rate_limit',
    severity: 'medium',
    retryable: true,
    provider: 'openai',
    statusCode: 429,
    quota: { limit: 10, remaining: 0, resetsAtMillis: 1_795_000_000_000 },
    recommendedAction: 'Wait.',
    matchedRule: 'openai.rate_limit',
  },
  handled: true,
  mechanism: 'captureError',
  level: 'error',
  timeMillis: 1_795_000_000_500,
  request: {
    id: 'r1',
    userId: 'u1',
    tags: {},
    attributes: {
      'http.request.method': 'GET',
      'url.scheme': 'https',
      'server.address': 'shop.example',
      'server.port': 8443,
      'url.path': '/orders/7',
      'url.query': 'page=2',
    },
  },
  spanContext: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 0 },
  route: '/orders/:id',
  transaction: 'GET /orders/:id',
  tags: { property_id: 'p1' },
  extra: { attempt: 2 },
  fingerprint: ['a', 'b'],
  breadcrumbs: [
    { kind: 'http', timeMillis: 1_795_000_000_000, level: 'warn', message: 'GET /', data: { status: 500 } },
  ],
  heldBack: 3,
};
const IDENTITY = { release: 'shop@2', environment: 'staging', serverName: 'host-1' };

suite('event of an error', () => {
  test('says all there is to know about it', () => {
    const event = toEvent(CAPTURED, IDENTITY);
    assert.equal(event.event_id, CAPTURED.eventId);
    assert.equal(event.timestamp, 1_795_000_000.5);
    assert.deepEqual([event.release, event.environment, event.server_name], ['shop@2', 'staging', 'host-1']);
    assert.deepEqual(event.tags, {
      property_id: 'p1',
      'error.category': 'rate_limit',
      'error.severity': 'medium',
      'error.provider': 'openai',
      'error.retryable': 'true',
      request_id: 'r1',
      user_id: 'u1',
      sampled: 'false',
    });
    assert.deepEqual(event.user, { id: 'u1' });
    assert.deepEqual(event.request, {
      method: 'GET',
      url: 'https://shop.example:8443/orders/7',
      query_string: 'page=2',
    });
    assert.deepEqual(event.contexts?.trace, { trace_id: CAPTURED.spanContext?.traceId, span_id: 'b7ad6b7169203331' });
    assert.deepEqual(event.contexts?.['error_classification'], {
      category: 'rate_limit',
      severity: 'medium',
      provider: 'openai',
      retryable: true,
      quota: { limit: 10, remaining: 0, resets_at: '2026-11-18T11:06:40.000Z' },
      recommended_action: 'Wait.',
      matched_rule: 'openai.rate_limit',
    });
    assert.deepEqual(event.breadcrumbs?.[0], {
      type: 'http',
      category: 'http',
      level: 'warning',
      message: 'GET /',
      timestamp: 1_795_000_000,
      data: { status: 500 },
    });
    assert.deepEqual(event.extra, { attempt: 2, held_back: 3 });
    assert.deepEqual(event.fingerprint, ['a', 'b']);
    assert.equal(event.transaction, 'GET /orders/:id');
  });

  test('one that stands for others says how many', () => {
    const [value] = toEvent(CAPTURED, IDENTITY).exception?.values ?? [];
    assert.equal(value?.value, 'TypeError happened (and 3 more like it)');
    const alone = toEvent({ ...CAPTURED, heldBack: 0 }, IDENTITY);
    assert.equal(alone.exception?.values?.[0]?.value, 'TypeError happened');
    assert.deepEqual(alone.extra, { attempt: 2 });
  });

  test('outside of requests and spans it says nothing of either', () => {
    const event = toEvent({ ...CAPTURED, request: undefined, spanContext: undefined }, IDENTITY);
    assert.equal(event.request, undefined);
    assert.equal(event.user, undefined);
    assert.equal(event.contexts?.trace, undefined);
    assert.equal(event.tags?.['sampled'], undefined);
  });

  test('causes come first, innermost in front, and say what they are causes of', () => {
    const chain = details('A', [details('B', [details('C')])]);
    const values = toEvent({ ...CAPTURED, details: chain }, IDENTITY).exception?.values ?? [];
    assert.deepEqual(
      values.map(({ type, mechanism }) => [type, mechanism?.exception_id, mechanism?.parent_id, mechanism?.source]),
      [
        ['C', 2, 1, 'cause'],
        ['B', 1, 0, 'cause'],
        ['A', 0, undefined, undefined],
      ],
    );
  });

  test('an AggregateError is a group of all its errors', () => {
    const group = details('AggregateError', [details('B'), details('C')]);
    const values = toEvent({ ...CAPTURED, details: group }, IDENTITY).exception?.values ?? [];
    assert.deepEqual(
      values.map(({ type, mechanism }) => [type, mechanism?.source, mechanism?.is_exception_group]),
      [
        ['C', 'errors[1]', undefined],
        ['B', 'errors[0]', undefined],
        ['AggregateError', undefined, true],
      ],
    );
  });

  test('frames are those of the application or not; a value without a stack is marked', () => {
    const stack =
      'Error: x\n    at inner (/srv/app/node_modules/pg/lib/client.js:3:4)\n    at outer (/srv/app/a.js:1:2)';
    const [value] = toEvent({ ...CAPTURED, details: details('Error', [], stack) }, IDENTITY).exception?.values ?? [];
    assert.deepEqual(
      value?.stacktrace?.frames?.map((frame) => [frame.function, frame.filename, frame.lineno, frame.in_app]),
      [
        ['outer', '/srv/app/a.js', 1, true],
        ['inner', '/srv/app/node_modules/pg/lib/client.js', 3, false],
      ],
    );
    assert.equal(value?.mechanism?.synthetic, undefined);
    assert.equal(toEvent(CAPTURED, IDENTITY).exception?.values?.[0]?.mechanism?.synthetic, true);
  });

  test('files whose source maps were uploaded under an id name it', (t) => {
    const holder = globalThis as { _sentryDebugIds?: Record<string, string> };
    holder._sentryDebugIds = { 'Error\n    at <anonymous> (/srv/app/a.js:1:1)': 'd1' };
    t.after(() => delete holder._sentryDebugIds);
    const stack = 'Error: x\n    at outer (/srv/app/a.js:1:2)';
    const event = toEvent({ ...CAPTURED, details: details('Error', [], stack) }, IDENTITY);
    assert.deepEqual(event.debug_meta?.images, [{ type: 'sourcemap', code_file: '/srv/app/a.js', debug_id: 'd1' }]);
  });

  test('release and host are those of the resource unless the configuration names a release', () => {
    const resource = { 'service.version': '1.0', 'host.name': 'host-1' };
    const identity = identityOf({ release: undefined, environment: 'test' }, resource);
    assert.deepEqual(identity, { release: '1.0', environment: 'test', serverName: 'host-1' });
    assert.equal(identityOf({ release: 'r', environment: 'test' }, resource).release, 'r');
    assert.equal(identityOf({ release: undefined, environment: 'test' }, {}).release, undefined);
  });
});

suite('tags', () => {
  test('are put into the form Sentry takes', () => {
    assert.deepEqual(
      toTags({ 'häß lich': 'x', ['k'.repeat(40)]: 1, long: 'y'.repeat(300), lines: 'a\r\nb', empty: ' ', on: true }),
      { h___lich: 'x', ['k'.repeat(32)]: '1', long: 'y'.repeat(200), lines: 'a b', on: 'true' },
    );
  });
});
