import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { classify, RULES } from '../../../src/errors/classify.ts';
import { ERROR_CLASSES, TRAITS } from '../../../src/errors/error-class.ts';
import { createHostileValues } from '../../support/hostile.ts';

/** An error of a class of that name. */
function errorOf(type: string, fields: object = {}, message = 'failed'): Error {
  const Made = { [type]: class extends Error {} }[type] as typeof Error;
  return Object.assign(new Made(message), fields);
}

/** An error that a package made, by its stack. */
function errorIn(path: string, fields: object = {}, type = 'Error', message = 'failed'): Error {
  const error = errorOf(type, fields, message);
  error.stack = `${type}: ${message}\n    at send (/app/node_modules/${path}/index.js:1:1)\n    at run (/app/main.js:2:2)`;
  return error;
}

const said = (error: unknown): string => {
  const { errorClass, severity, provider } = classify(error);
  return `${errorClass} ${severity} ${provider}`;
};

suite('by what was thrown', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['AbortSignal.abort()', AbortSignal.abort().reason, 'cancelled low unknown'],
    ['AbortSignal.timeout()', new DOMException('late', 'TimeoutError'), 'timeout medium unknown'],
    ['an AbortError caused by a timeout', Object.assign(new Error('aborted', { cause: new DOMException('', 'TimeoutError') }), { name: 'AbortError' }), 'timeout medium unknown'], // oxfmt-ignore
    ['JSON.parse', thrown(() => JSON.parse('{')), 'parsing low unknown'],
    ['fetch that found nobody', new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect', errno: -111 }) }), 'network medium node'], // oxfmt-ignore
    ['undici headers timeout', Object.assign(new Error('x'), { code: 'UND_ERR_HEADERS_TIMEOUT' }), 'timeout medium unknown'], // oxfmt-ignore
    ['axios timeout', Object.assign(new Error('timeout of 5ms exceeded'), { code: 'ECONNABORTED', isAxiosError: true }), 'timeout medium unknown'], // oxfmt-ignore
    ['axios 503', Object.assign(new Error('Request failed'), { isAxiosError: true, response: { status: 503 } }), 'server_error high unknown'], // oxfmt-ignore
    ['a certificate', Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }), 'network medium unknown'],
    ['too many files', Object.assign(new Error('x'), { code: 'EMFILE', errno: -24, syscall: 'open' }), 'server_error high node'], // oxfmt-ignore
    ['zod', errorOf('ZodError', { issues: [] }), 'invalid_request low unknown'],
    ['fastify schema', Object.assign(new Error('x'), { code: 'FST_ERR_VALIDATION', statusCode: 400 }), 'invalid_request low unknown'], // oxfmt-ignore
    ['body parser', Object.assign(new SyntaxError('x'), { type: 'entity.parse.failed', status: 400, expose: true }), 'parsing low unknown'], // oxfmt-ignore
    ['http-errors 404', Object.assign(new Error('Not Found'), { status: 404, expose: true }), 'invalid_request low unknown'], // oxfmt-ignore
    ['http-errors 401', Object.assign(new Error('Who?'), { status: 401, expose: true }), 'authentication low unknown'],
    ['a refused call', Object.assign(new Error('x'), { status: 401 }), 'authentication critical unknown'],
    ['a programming error', thrown(() => (undefined as unknown as string).length), 'unknown high unknown'],
    ['text', 'it broke', 'unknown high unknown'],
    ['text that says something', 'Too many requests', 'rate_limit medium unknown'],
    ['null', null, 'unknown high unknown'],
    ['nothing', undefined, 'unknown high unknown'],
    ['a plain object', { status: 429 }, 'rate_limit medium unknown'],
  ];
  for (const [name, error, expected] of cases) test(name, () => assert.equal(said(error), expected));
});

suite('AI providers', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['OpenAI without credit', errorIn('openai', { status: 429, code: 'insufficient_quota' }, 'RateLimitError'), 'billing critical openai'], // oxfmt-ignore
    ['OpenAI rate', errorIn('openai', { status: 429, code: 'rate_limit_exceeded' }, 'RateLimitError'), 'rate_limit medium openai'], // oxfmt-ignore
    ['OpenAI key', errorIn('openai', { status: 401, code: 'invalid_api_key' }, 'AuthenticationError'), 'authentication critical openai'], // oxfmt-ignore
    ['OpenAI input', errorIn('openai', { status: 400, code: 'context_length_exceeded' }, 'BadRequestError'), 'invalid_request low openai'], // oxfmt-ignore
    ['OpenAI outage', errorIn('openai', { status: 500 }, 'InternalServerError'), 'server_error high openai'],
    ['OpenAI connection', errorIn('openai', {}, 'APIConnectionError'), 'network medium openai'],
    ['OpenAI timeout', errorIn('openai', {}, 'APIConnectionTimeoutError'), 'timeout medium openai'],
    ['OpenAI abort', errorIn('openai', {}, 'APIUserAbortError'), 'cancelled low openai'],
    ['Anthropic without credit', errorIn('@anthropic-ai/sdk', { status: 400 }, 'BadRequestError', 'Your credit balance is too low to access the API'), 'billing critical anthropic'], // oxfmt-ignore
    ['Anthropic overloaded', errorIn('@anthropic-ai/sdk', { status: 529 }, 'APIError'), 'rate_limit medium anthropic'],
    ['Google key', errorIn('@google/genai', { status: 400 }, 'ApiError', 'API key not valid.'), 'authentication critical google'], // oxfmt-ignore
    ['xAI by its address', Object.assign(errorOf('AI_APICallError'), { url: 'https://api.x.ai/v1/chat', statusCode: 429 }), 'rate_limit medium xai'], // oxfmt-ignore
    ['wrapped by the application', new Error('generation failed', { cause: errorIn('openai', { status: 401 }, 'AuthenticationError') }), 'authentication critical openai'], // oxfmt-ignore
  ];
  for (const [name, error, expected] of cases) test(name, () => assert.equal(said(error), expected));

  test('what is left of the allowance is read from the headers', () => {
    const headers = new Headers({ 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0' });
    const { quota } = classify(errorIn('openai', { status: 429, headers }, 'RateLimitError'));
    assert.deepEqual(quota, { limit: 60, remaining: 0, resetsAtMillis: undefined });
  });
});

suite('databases', () => {
  const pg = (code: string): Error => errorOf('DatabaseError', { code, routine: 'exec', severity: 'ERROR' });
  const mysql = (code: string): Error => Object.assign(new Error('x'), { code, errno: 1, sqlState: '00000' });
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['PostgreSQL password', pg('28P01'), 'authentication critical postgresql'],
    ['PostgreSQL duplicate', pg('23505'), 'invalid_request low postgresql'],
    ['PostgreSQL statement', pg('42P01'), 'invalid_request high postgresql'],
    ['PostgreSQL statement timeout', pg('57014'), 'timeout medium postgresql'],
    ['PostgreSQL deadlock', pg('40P01'), 'server_error medium postgresql'],
    ['PostgreSQL connections', pg('53300'), 'rate_limit medium postgresql'],
    ['PostgreSQL shutdown', pg('57P01'), 'network medium postgresql'],
    ['MySQL password', mysql('ER_ACCESS_DENIED_ERROR'), 'authentication critical mysql'],
    ['MySQL duplicate', mysql('ER_DUP_ENTRY'), 'invalid_request low mysql'],
    ['MySQL deadlock', mysql('ER_LOCK_DEADLOCK'), 'server_error medium mysql'],
    ['MySQL connection', mysql('PROTOCOL_CONNECTION_LOST'), 'network medium mysql'],
    ['MongoDB duplicate', errorOf('MongoServerError', { code: 11000 }), 'invalid_request low mongodb'],
    ['MongoDB password', errorOf('MongoServerError', { code: 18 }), 'authentication critical mongodb'],
    ['MongoDB gone', errorOf('MongoServerSelectionError'), 'network medium mongodb'],
    ['Redis password', errorOf('ReplyError', {}, 'NOAUTH Authentication required.'), 'authentication critical redis'],
    ['Redis full', errorOf('ReplyError', {}, 'OOM command not allowed'), 'server_error high redis'],
    ['Redis command', errorOf('ReplyError', {}, 'ERR unknown command'), 'invalid_request high redis'],
    ['Redis gone', errorOf('MaxRetriesPerRequestError'), 'network medium redis'],
    ['Kafka password', errorOf('KafkaJSSASLAuthenticationError'), 'authentication critical kafka'],
    ['Kafka gone', errorOf('KafkaJSConnectionError'), 'network medium kafka'],
  ];
  for (const [name, error, expected] of cases) test(name, () => assert.equal(said(error), expected));

  test('a refused connection to a database is of the network, and of the database', async () => {
    const refused = await new Promise<Error>((resolve) => connect(1, '127.0.0.1').once('error', resolve));
    refused.stack = `${refused.stack}\n    at connect (/app/node_modules/pg/lib/connection.js:1:1)`;
    assert.equal(said(refused), 'network medium postgresql');
  });
});

suite('the table', () => {
  test('names are unique, and say where a rule belongs', () => {
    const names = RULES.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z]+\.[a-z_]+$/);
  });

  test('every class has traits, and some rule gives it, but for unknown', () => {
    assert.deepEqual(Object.keys(TRAITS), [...ERROR_CLASSES]);
    const given = new Set(RULES.map(({ errorClass }) => errorClass));
    assert.deepEqual([...given].sort(), ERROR_CLASSES.filter((each) => each !== 'unknown').toSorted());
  });

  test('no expression takes more than linear time', () => {
    const texts = ['a', ' ', 'rate', 'connection ', 'invalid ', 'timed', '\u0000'].map((part) => part.repeat(20_000));
    for (const { message } of RULES) {
      if (message === undefined) continue;
      const started = performance.now();
      for (const text of texts) message.test(text);
      assert.ok(performance.now() - started < 1000, String(message));
    }
  });
});

suite('anything at all', () => {
  for (const [name, value] of Object.entries(createHostileValues()))
    test(`${name} is classified`, () => assert.ok(ERROR_CLASSES.includes(classify(value).errorClass)));

  test('a circle of causes ends', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    assert.equal(classify(a).errorClass, 'unknown');
  });

  test('an aggregate is what its errors are', () => {
    const errors = [new Error('x'), Object.assign(new Error('y'), { code: 'ECONNREFUSED' })];
    assert.equal(classify(new AggregateError(errors, 'all failed')).errorClass, 'network');
  });

  test('a status of 500 that a framework wrote to an error it answered tells nothing', () => {
    const error = Object.assign(new Error('x'), { status: 500 });
    assert.equal(classify(error, { isAnswered: true }).matchedRule, 'none');
    assert.equal(classify(error).matchedRule, 'status.server_error');
  });
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
