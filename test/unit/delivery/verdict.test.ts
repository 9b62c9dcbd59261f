import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanReason, parseRetryAfter, resolveVerdict, type Verdict } from '../../../src/delivery/verdict.ts';

const NOW_MILLIS = Date.parse('2026-11-21T10:00:00Z');
const CONTEXT = { secrets: ['s3cret-token'], nowMillis: NOW_MILLIS };

interface Given {
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

function verdictOf(statusCode: number, { type = 'text/plain', body = '', headers = {} }: Given = {}): Verdict {
  const answer = { statusCode, headers: { 'content-type': type, ...headers }, body: Buffer.from(body) };
  return resolveVerdict({ status: 'answered', ...answer }, CONTEXT);
}

const causeOf = (verdict: Verdict): string =>
  verdict.status === 'accepted' ? '' : `${verdict.cause.kind} ${verdict.cause.text}`;

test('any 2xx is accepted', () => {
  for (const statusCode of [200, 202, 204]) {
    assert.deepEqual(verdictOf(statusCode), { status: 'accepted', rejectedItems: 0, message: '' });
  }
});

test('only 429, 502, 503 and 504 are worth another try', () => {
  const retryable = [];
  for (let statusCode = 300; statusCode < 600; statusCode += 1) {
    if (verdictOf(statusCode).status === 'retryable') retryable.push(statusCode);
  }
  assert.deepEqual(retryable, [429, 502, 503, 504]);
});

test('a network error is worth another try and keeps its code', () => {
  const verdict = resolveVerdict({ status: 'failed', code: 'ECONNREFUSED', message: '' }, CONTEXT);
  assert.deepEqual(verdict, {
    status: 'retryable',
    cause: { kind: 'refused', code: 'ECONNREFUSED', text: 'ECONNREFUSED' },
    retryAfterMillis: undefined,
  });
  const late = resolveVerdict({ status: 'failed', code: 'DEADLINE', message: 'no answer in 300 ms' }, CONTEXT);
  assert.equal(causeOf(late), 'timeout no answer in 300 ms');
});

test('Retry-After is understood as seconds and as a date', () => {
  const verdict = verdictOf(429, { headers: { 'retry-after': '30' } });
  assert.equal(verdict.status === 'retryable' && verdict.retryAfterMillis, 30_000);
  assert.equal(parseRetryAfter('Sat, 21 Nov 2026 10:00:05 GMT', NOW_MILLIS), 5000);
  assert.equal(parseRetryAfter('Sat, 21 Nov 2026 09:00:00 GMT', NOW_MILLIS), 0);
  assert.equal(parseRetryAfter('0', NOW_MILLIS), 0);
  for (const header of [undefined, 'soon', '', '-5 seconds'])
    assert.equal(parseRetryAfter(header, NOW_MILLIS), undefined, header);
});

test('an error answer gives its reason: text, JSON status or protobuf status', () => {
  const status = Buffer.concat([Buffer.from([0x08, 16, 0x12, 9]), Buffer.from('bad token')]);
  assert.equal(causeOf(verdictOf(401, { body: 'bad token' })), 'credential 401 Unauthorized: bad token');
  assert.equal(
    causeOf(verdictOf(401, { type: 'application/json', body: '{"code":16,"message":"bad token"}' })),
    'credential 401 Unauthorized: bad token',
  );
  assert.equal(
    causeOf(verdictOf(401, { type: 'application/x-protobuf', body: status })),
    'credential 401 Unauthorized: bad token',
  );
  assert.equal(causeOf(verdictOf(401)), 'credential 401 Unauthorized');
  assert.equal(
    causeOf(verdictOf(401, { type: 'application/x-protobuf', body: 'garbage' })),
    'credential 401 Unauthorized',
  );
  assert.equal(causeOf(verdictOf(499)), 'request 499');
});

test('a web page as an answer is no success, and as a reason is shown without its tags', () => {
  const page = {
    type: 'text/html; charset=utf-8',
    body: '<html><style>p{}</style><title>Sign in</title>\n<p>Welcome</p>',
  };
  assert.equal(causeOf(verdictOf(200, page)), 'path 200 with a web page where an OTLP answer belongs');
  assert.equal(causeOf(verdictOf(404, page)), 'path 404 Not Found: Sign in Welcome');
});

test('a redirect names its target without credentials', () => {
  const location = 'https://user:s3cret-token@login.example/path?token=s3cret-token';
  const verdict = verdictOf(302, { headers: { location } });
  assert.equal(verdict.status, 'rejected');
  assert.equal(causeOf(verdict), 'redirect 302 Found: to https://login.example/path');
});

test('a reason is one short printable line without secrets', () => {
  assert.equal(cleanReason('no\r\n\u001B[31mred\u001B[0m\ttext \u2028', []), 'no [31mred [0m text');
  assert.equal(cleanReason('token s3cret-token is wrong', CONTEXT.secrets), 'token [secret] is wrong');
  assert.equal(cleanReason('x'.repeat(5000), []).length, 200);
});
