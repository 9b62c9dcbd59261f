import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitRequest } from '../../../src/delivery/exit-request.ts';
import { summarize } from '../../../src/delivery/exit-summary.ts';
import type { TransportResult } from '../../../src/delivery/transport.ts';

interface Settled {
  readonly request: ExitRequest;
  readonly outcomes: unknown[];
}

function request(changes: Partial<ExitRequest> = {}): Settled {
  const outcomes: unknown[] = [];
  return {
    outcomes,
    request: {
      url: 'http://user:passw0rd@collector:4318/v1/traces?key=s3cret-query',
      headers: { authorization: 'Bearer some-token' },
      body: new Uint8Array(),
      items: 10,
      tls: {},
      timeoutMillis: 1000,
      settle: (...outcome) => outcomes.push(outcome),
      ...changes,
    },
  };
}

const answer = (statusCode: number, body = '', contentType = 'application/json'): TransportResult => ({
  status: 'answered',
  statusCode,
  headers: { 'content-type': contentType },
  body: Buffer.from(body),
});

const partial = (rejectedSpans: number, errorMessage: string) =>
  answer(200, JSON.stringify({ partialSuccess: { rejectedSpans, errorMessage } }));

test('what the destination left out is lost, in its own words, added up for each address', () => {
  const [first, second, third] = [request(), request(), request()];
  const summary = summarize(
    [
      { request: first.request, result: partial(7, 'too old') },
      { request: second.request, result: partial(2, 'too old') },
      { request: third.request, result: answer(200, '{}') },
    ],
    400,
  );
  assert.deepEqual(summary, {
    sentItems: 21,
    lostItems: 9,
    causes: ['http://collector:4318/v1/traces rejected 9 items: too old'],
  });
  assert.deepEqual([first.outcomes, second.outcomes, third.outcomes], [[['sent', 7]], [['sent', 2]], [['sent', 0]]]);
});

test('a server cannot reject more than it was sent, and may say nothing', () => {
  const { request: one, outcomes } = request({ items: 1 });
  const { sentItems, lostItems, causes } = summarize([{ request: one, result: partial(99, '') }], 400);
  assert.deepEqual([sentItems, lostItems, outcomes], [0, 1, [['sent', 1]]]);
  assert.deepEqual(causes, ['http://collector:4318/v1/traces rejected 1 item: no reason given']);
});

test('a partial success in protobuf is read too', () => {
  const body = Buffer.from([0x0a, 7, 0x08, 3, 0x12, 3, ...Buffer.from('old')]).toString('latin1');
  const { request: one } = request();
  const result = answer(200, body, 'application/x-protobuf');
  assert.equal(summarize([{ request: one, result }], 400).lostItems, 3);
});

test('words of a refusal are shown without the secrets they repeat', () => {
  const { request: one, outcomes } = request();
  const result = answer(401, '{"message":"Bearer some-token, passw0rd and s3cret-query are unknown"}');
  assert.deepEqual(summarize([{ request: one, result }], 400).causes, [
    'http://collector:4318 answered with HTTP 401 Unauthorized: [secret], [secret] and [secret] are unknown',
  ]);
  assert.deepEqual(outcomes, [['dropped', undefined]]);
});

test('a web page is no acceptance', () => {
  const { request: one, outcomes } = request();
  const { lostItems } = summarize([{ request: one, result: answer(200, '<html>', 'text/html') }], 400);
  assert.deepEqual([lostItems, outcomes], [10, [['dropped', undefined]]]);
});

test('silence and failures name the proxy without its credential', () => {
  const proxy = 'http://user:proxy-passw0rd@proxy:3128';
  const { request: one } = request({ proxy });
  const refused: TransportResult = { status: 'failed', code: 'PROXY_ECONNREFUSED', message: 'proxy: ECONNREFUSED' };
  const causes = [undefined, refused, answer(407, 'proxy-passw0rd')].map(
    (result) => summarize([{ request: one, result }], 400).causes[0],
  );
  const where = 'http://collector:4318 (through the proxy http://proxy:3128)';
  assert.deepEqual(causes, [
    `${where} did not answer within 400 ms`,
    `${where} failed: PROXY_ECONNREFUSED: proxy: ECONNREFUSED`,
    `${where} failed: PROXY_407: the proxy answered 407`,
  ]);
});

test('an account that throws does not keep the others from theirs', () => {
  const other = request();
  const broken = request({
    settle: () => {
      throw new Error('mine');
    },
  });
  const tried = [broken.request, other.request].map((each) => ({ request: each, result: answer(200) }));
  assert.equal(summarize(tried, 400).sentItems, 20);
  assert.deepEqual(other.outcomes, [['sent', 0]]);
});
