/**
 * A server that answers hundreds of requests at the same time by everything Node.js does later, and a check that each
 * of them kept its own id, user and tags on all it left.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { ReceivedAttributes, Receiver } from '../../src/testing.ts';

/** How many requests are under way at the same time. */
export const CONCURRENT = 200;

/** How often: the later ones come over the connections of the first. */
const ROUNDS = 2;

/** What each request logs, in any order. */
const STAGES = [
  'begin',
  'data first',
  'data second',
  'end of body',
  'all are here',
  'timer',
  'immediate',
  'stream',
  'stream',
  'fetched',
  'callbacks',
  'finish',
  'close',
].toSorted();

/**
 * Source of the server: an ES module that prints its port. It needs `duotel` and the API.
 *
 * @param head - further imports, and `const listener = …` made of `answer(request, response, n)`, a function for
 * `POST /work/:n` that answers, and for `GET /inner/:n`
 */
export function isolationServer(head: string): string {
  return `
import { createServer } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { logs, trace } from '@opentelemetry/api';
import { requestId, setRequestContext } from 'duotel';

const logger = logs.getLogger('app');
const say = (n, body) => logger.emit({ body, attributes: { n } });

let waiting = [];
const allAreHere = () => new Promise((resolve) => {
  waiting.push(resolve);
  if (waiting.length < ${CONCURRENT}) return;
  for (const wake of waiting) wake();
  waiting = [];
});

async function work(request, response, n) {
  setRequestContext({ userId: 'user-' + n, tags: { tag: 'tag-' + n } });
  say(n, 'begin');
  const body = new Promise((resolve) => {
    request.on('data', (chunk) => say(n, 'data ' + chunk));
    request.on('end', () => {
      say(n, 'end of body');
      resolve();
    });
  });
  response.flushHeaders();
  response.on('finish', () => say(n, 'finish'));
  response.on('close', () => say(n, 'close'));
  await body;
  await allAreHere();
  say(n, 'all are here');
  await trace.getTracer('app').startActiveSpan('work', async (span) => {
    span.setAttribute('n', n);
    await sleep(n % 7);
    say(n, 'timer');
    span.end();
  });
  await immediate();
  say(n, 'immediate');
  const each = async function* (source) {
    for await (const chunk of source) {
      await null;
      say(n, 'stream');
      yield chunk;
    }
  };
  await pipeline(Readable.from(['a', 'b']), each, new PassThrough().resume());
  await (await fetch('http://127.0.0.1:' + server.address().port + '/inner/' + n)).text();
  say(n, 'fetched');
  await new Promise((resolve) => process.nextTick(() => queueMicrotask(() => setImmediate(resolve))));
  setRequestContext({ tags: { late: n } });
  say(n, 'callbacks');
  response.end(requestId());
}

async function inner(response, n) {
  setRequestContext({ userId: 'inner-' + n, tags: { tag: 'inner-' + n } });
  await sleep(n % 5);
  response.end();
}

const answer = (request, response, n) => request.method === 'POST' ? work(request, response, n) : inner(response, n);
${head}
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;
}

/** The listener of a server without a framework. */
export const PLAIN_LISTENER =
  "const listener = (request, response) => answer(request, response, Number(request.url.split('/')[2]));";

/** Sends all requests to the server. Returns the ids that the requests had in the server's code, by their numbers. */
export async function askAllAtOnce(port: number): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const numbers = Array.from({ length: CONCURRENT }, (_, index) => round * CONCURRENT + index);
    ids.push(...(await Promise.all(numbers.map((n) => ask(agent, port, n)))));
  }
  agent.destroy();
  return ids;
}

/**
 * Sends a body in two parts, the second one after the head of the response: it comes straight from the connection. Every
 * other request brings an id.
 */
function ask(agent: Agent, port: number, n: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = n % 2 === 0 ? { 'x-request-id': `request-${n}` } : {};
    const options = { agent, port, host: '127.0.0.1', path: `/work/${n}`, method: 'POST', headers, timeout: 20_000 };
    const sent = request(options, async (response) => {
      sent.end('second');
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(text);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to request ${n}`)));
    sent.on('error', reject);
    sent.write('first');
  });
}

/** @throws AssertionError if anything of a request is on something of another one, or is missing */
export async function checkIsolation(receiver: Receiver, ids: readonly string[]): Promise<void> {
  const expected = ids.length * STAGES.length;
  await receiver.waitFor(() => receiver.logs.length >= expected, 20_000);
  assert.equal(receiver.logs.length, expected);
  assert.equal(new Set(ids).size, ids.length);
  const servers = await serverSpans(receiver, ids.length);
  for (const [n, id] of ids.entries()) {
    if (n % 2 === 0) assert.equal(id, `request-${n}`);
    const wanted = { id, user: `user-${n}`, tag: `tag-${n}` };
    const span = servers.get(`/work/${n}`);
    assert.deepEqual(marksOf(span?.attributes), wanted);
    assert.equal(span?.attributes['late'], n);
    const logged = receiver.logs.filter(({ attributes }) => attributes['n'] === n);
    assert.deepEqual(logged.map(({ body }) => String(body)).toSorted(), STAGES);
    for (const { attributes, traceId } of logged) {
      assert.deepEqual(marksOf(attributes), wanted);
      assert.equal(traceId, span.traceId);
    }
    const within = servers.get(`/inner/${n}`);
    assert.equal(within?.traceId, span.traceId);
    assert.equal(within.attributes['user.id'], `inner-${n}`);
    const [work, ...others] = receiver.spans.filter(({ name, attributes }) => name === 'work' && attributes['n'] === n);
    assert.deepEqual([work?.traceId, others.length], [span.traceId, 0]);
  }
}

function marksOf(attributes: ReceivedAttributes = {}): object {
  return { id: attributes['request.id'], user: attributes['user.id'], tag: attributes['tag'] };
}

/** Spans of the requests to both paths, by path. */
async function serverSpans(receiver: Receiver, count: number): Promise<Map<string, Receiver['spans'][number]>> {
  const spans = (): Receiver['spans'] => receiver.spans.filter(({ kind }) => kind === 'server');
  await receiver.waitFor(() => spans().length >= 2 * count, 20_000);
  assert.equal(spans().length, 2 * count);
  return new Map(spans().map((span) => [String(span.attributes['url.path']), span]));
}
