/** Errors of real servers: 100 of 100 are linked to their request, on both outputs, and requests never mix. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, type ReceivedLog, startReceiver } from '../../src/testing.ts';
import { startApp } from '../support/run-app.ts';
import { eventsOf, idsOf, messageOf } from '../support/sentry-events.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  SENTRY_DSN: receiver.dsn,
  OTEL_METRICS_EXPORTER: 'none',
});

const errors = (): readonly ReceivedLog[] =>
  receiver.logs.filter(({ attributes }) => attributes['exception.type'] !== undefined);

/** Ways an error can happen below a request; each ends where nobody catches it, or is captured. */
const KINDS = `{
  sync(name) { throw new Error(name); },
  span(name) { tracer.startActiveSpan('inner', () => { throw new Error(name); }); },
  timedSpan(name) { setTimeout(() => tracer.startActiveSpan('inner', () => { throw new Error(name); }), 1); },
  async async(name) { await null; throw new Error(name); },
  timer(name) { setTimeout(() => { throw new Error(name); }, 1); },
  immediate(name) { setImmediate(() => { throw new Error(name); }); },
  tick(name) { process.nextTick(() => { throw new Error(name); }); },
  stream(name) { Readable.from(['x']).on('data', () => { throw new Error(name); }); },
  emitter(name) { const emitter = new EventEmitter(); emitter.on('done', () => { throw new Error(name); }); setImmediate(() => emitter.emit('done')); },
  body(name, request) { request.on('data', () => { throw new Error(name); }); },
  worker(name) { const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true, execArgv: [], env: {} }); worker.once('message', () => { throw new Error(name); }); },
  captured(name) { Promise.reject(new Error(name)).catch((error) => { captureError(error); }); },
}`;

const SERVER = `
import { createServer } from 'node:http';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { trace } from '@opentelemetry/api';
import { captureError, setRequestContext } from 'duotel';
const tracer = trace.getTracer('app');
const kinds = ${KINDS};
process.on('uncaughtException', () => undefined);
const server = createServer((request, response) => {
  const [, kind, name] = request.url.split('/');
  setRequestContext({ userId: name, tags: { tag: name } });
  // Answered whatever happens, and later than that.
  setTimeout(() => response.end(), 20);
  return kinds[kind](name, request);
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));`;

interface Asked {
  readonly name: string;
  readonly traceId: string;
  readonly url: string;
}

/** Asks for paths all at once, each in a trace of its own, and ends the server. */
async function askServer(paths: readonly string[]): Promise<Asked[]> {
  const app = startApp({
    code: SERVER,
    env: { ...env(), OTEL_BLRP_SCHEDULE_DELAY: '50', DUOTEL_ERRORS_PER_MINUTE: '1000' },
  });
  const port = Number((await app.line(/port (\d+)/))[1]);
  const asked = await Promise.all(
    paths.map(async (path) => {
      const traceId = randomBytes(16).toString('hex');
      const name = path.split('/')[2] as string;
      const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'x-request-id': `id-${name}` };
      await (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'x', headers })).arrayBuffer();
      return { name, traceId, url: `http://127.0.0.1:${port}${path}` };
    }),
  );
  await receiver.waitFor(() => errors().length >= paths.length && eventsOf(receiver).length >= paths.length, 15_000);
  app.child.kill('SIGKILL');
  await app.ended;
  return asked;
}

suite('links', () => {
  test('100 of 100 errors of every kind are linked to their request, with its user, tags and id', async () => {
    const kinds = [
      'sync',
      'span',
      'timedSpan',
      'async',
      'timer',
      'immediate',
      'tick',
      'stream',
      'emitter',
      'body',
      'worker',
      'captured',
    ];
    const paths = Array.from({ length: 100 }, (_, index) => `/${kinds[index % kinds.length]}/n${index}`);
    const asked = await askServer(paths);
    assertLinked(asked);
  });

  test('200 requests at once never mix, the first error of the process included', async () => {
    const asked = await askServer(
      Array.from({ length: 200 }, (_, index) => `/${index % 2 === 0 ? 'captured' : 'timer'}/n${index}`),
    );
    assertLinked(asked);
  });
});

test('an error that was recorded while a request of 5xx ran is its error; of another status it is none', async () => {
  const app = startApp({
    code: `import { createServer } from 'node:http';
      import { trace } from '@opentelemetry/api';
      const server = createServer((request, response) => {
        trace.getActiveSpan().recordException(new Error(request.url));
        response.statusCode = Number(request.url.slice(1));
        response.end();
      }).listen(0, '127.0.0.1', () => console.log('port', server.address().port));`,
    env: { ...env(), OTEL_BLRP_SCHEDULE_DELAY: '50', OTEL_BSP_SCHEDULE_DELAY: '50' },
  });
  const port = Number((await app.line(/port (\d+)/))[1]);
  for (const status of [200, 404, 500, 503]) await (await fetch(`http://127.0.0.1:${port}/${status}`)).arrayBuffer();
  await receiver.waitFor({ logs: 2, spans: 4 }, 15_000);
  app.child.kill('SIGKILL');
  await app.ended;
  assert.deepEqual(
    errors().map(({ body, attributes }) => [body, attributes['error.mechanism']]),
    [
      ['Error: /500', 'http'],
      ['Error: /503', 'http'],
    ],
  );
  // The exception was on the span already; its status is what the conventions say.
  assert.deepEqual(
    new Map(
      receiver.spans.map(({ events, attributes }) => [
        attributes['url.path'],
        [events.length, attributes['error.type']],
      ]),
    ),
    new Map([
      ['/200', [1, undefined]],
      ['/404', [1, undefined]],
      ['/500', [1, '500']],
      ['/503', [1, '503']],
    ]),
  );
});

/** By log records and by events: none is missing, none is twice, and each is its own request's. */
function assertLinked(asked: readonly Asked[]): void {
  const wanted = asked.map(({ name, traceId, url }) => ({
    name,
    traceId,
    id: `id-${name}`,
    user: name,
    tag: name,
    url,
  }));
  const logged = errors().map(({ traceId, attributes }) => ({
    name: attributes['exception.message'],
    traceId,
    id: attributes['request.id'],
    user: attributes['user.id'],
    tag: attributes['tag'],
  }));
  const sent = eventsOf(receiver).map((event) => ({
    name: messageOf(event),
    traceId: idsOf(event).traceId,
    id: event.tags?.['request_id'],
    user: event.user?.id,
    tag: event.tags?.['tag'],
    url: event.request?.url,
  }));
  assert.deepEqual(inOrder(logged), inOrder(wanted.map(({ url: _url, ...rest }) => rest)));
  assert.deepEqual(inOrder(sent), inOrder(wanted));
}

function inOrder<T extends { readonly name: unknown }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => String(a.name).localeCompare(String(b.name)));
}
