/**
 * T37: secrets planted in every place of every signal, in a program as a user runs it, are found nowhere outside it.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { plantAll, type Planted, plantSome } from '../support/planted-secrets.ts';
import { type AppResult, runApp } from '../support/run-app.ts';
import { eventsOf } from '../support/sentry-events.ts';

const VARIANTS = 200;

/** Each value goes to every place; the page is printed between two marks. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { logs, metrics, trace } from '@opentelemetry/api';
  import { captureError, setRequestContext, start } from 'duotel';
  const telemetry = start();
  const planted = JSON.parse(process.env.PLANTED);
  const tracer = trace.getTracer('app');
  const logger = logs.getLogger('app');
  const counter = metrics.getMeter('app').createCounter('app.planted', { description: 'Planted.' });
  const textOf = (value) => typeof value === 'string' ? value : JSON.stringify(value);
  // Nobody can tell what is told without its name.
  const toldOf = ({ key, value }) => {
    const text = textOf(value);
    const isAlone = typeof value === 'string' && /^hush[A-Za-z0-9]+$/.test(value);
    return isAlone ? key + ': ' + text : /^(?:db|http|url)[.]|^raw/.test(key) ? undefined : text;
  };
  for (const { key, value } of planted) {
    const text = textOf(value);
    const attributes = { [key]: typeof value === 'object' && !Array.isArray(value) ? text : value };
    const other = tracer.startSpan('other');
    const span = tracer.startSpan(key === 'note' ? 'span ' + text : 'span', { attributes, links: [{ context: other.spanContext(), attributes }] });
    span.addEvent(key === 'note' ? text : 'event', attributes);
    const told = toldOf({ key, value });
    if (told !== undefined) {
      const error = new Error(told);
      span.recordException(error);
      span.setStatus({ code: 2, message: told });
      logger.emit({ severityNumber: 17, body: told });
    }
    span.end();
    other.end();
    logger.emit({ severityNumber: 9, body: { [key]: value, list: [{ [key]: value }] }, attributes: { [key]: value } });
    counter.add(1, attributes);
  }
  // What is told of an error: message and with it the stack, cause, tags, extra, user and breadcrumbs.
  const fail = ({ key, value }) => {
    const text = textOf(value);
    const told = toldOf({ key, value }) ?? 'untold';
    // Tags are scalars; a list that was made a text gives away no names.
    const tags = Array.isArray(value) ? {} : { [key]: text };
    setRequestContext({ tags });
    logger.emit({ severityNumber: 9, body: told, attributes: { [key]: value } });
    const extra = { [key]: value, list: [{ [key]: value }] };
    const cause = new AggregateError([new Error(told)], told);
    captureError(Object.assign(new Error(told, { cause }), { [key]: value }), { tags, extra, transaction: told });
  };
  const server = createServer((request, response) => {
    const index = request.url.match(/^[/]fail[/](\\d+)/)?.[1];
    if (index !== undefined) fail(planted[index]);
    response.end('ok');
  }).listen(0, '127.0.0.1', async () => {
    const base = 'http://127.0.0.1:' + server.address().port;
    for (const { secret } of planted.filter(({ secret }) => secret.startsWith('hush'))) {
      const headers = { authorization: 'Bearer ' + secret, cookie: 'sid=' + secret, 'x-api-key': secret };
      await (await fetch(base + '/cb?code=' + secret + '&token=' + secret, { headers })).text();
    }
    for (const [index, { value, secret }] of planted.entries()) {
      const headers = { authorization: 'Bearer ' + secret, cookie: 'sid=' + secret };
      // Under a name that tells nothing only what is told by its shape.
      const query = secret.startsWith('hush') ? 'token=' + secret : 'q=' + encodeURIComponent(value);
      await (await fetch(base + '/fail/' + index + '?' + query, { headers })).text();
    }
    const { host, port } = telemetry.status().scrape;
    const page = await (await fetch('http://' + host + ':' + port + '/metrics')).text();
    await telemetry.forceFlush();
    console.log(JSON.stringify({ page, redactions: telemetry.status().redactions, degraded: telemetry.status().degraded }));
    server.close();
    await telemetry.shutdown();
  });`;

const ARGUMENTS = ['--password', 'hushInArgv', '--api-key=hushInFlag'];

const RESOURCE = 'db.password=hushInResource,note=postgres://a:hushInAddress@db';

interface Outcome {
  readonly page: string;
  readonly redactions: Record<string, number>;
  readonly degraded: object;
}

async function run(planted: readonly Planted[], env: Record<string, string>): Promise<readonly [Receiver, AppResult]> {
  const receiver = await startReceiver();
  const result = await runApp({
    code: PROGRAM,
    args: ARGUMENTS,
    timeoutMillis: 60_000,
    env: {
      PLANTED: JSON.stringify(planted),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      SENTRY_DSN: receiver.dsn,
      SENTRY_TRACES_SAMPLE_RATE: '1',
      DUOTEL_ERRORS_PER_MINUTE: '1000',
      OTEL_SERVICE_NAME: 'planted',
      OTEL_RESOURCE_ATTRIBUTES: RESOURCE,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      ...env,
    },
  });
  return [receiver, result];
}

/** Where a text is found in everything that left the process: bodies of all requests (envelopes too), page, stderr. */
function placesOf(secret: string, receiver: Receiver, { stdout, stderr }: AppResult): string[] {
  const places = receiver.requests.filter(({ body }) => Buffer.from(body).includes(secret)).map(({ path }) => path);
  const items = JSON.stringify(receiver.envelopes, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  if (items.includes(secret)) places.push('Sentry');
  if (stdout.includes(secret)) places.push('/metrics');
  if (stderr.includes(secret)) places.push('stderr');
  return places;
}

suite('T37 secrets', () => {
  const everywhere = { OTEL_TRACES_EXPORTER: 'otlp,console', OTEL_LOGS_EXPORTER: 'otlp,console' };
  const planted = [...plantAll(20_261_121), ...plantSome(37, VARIANTS)];

  test(`${planted.length} planted in all signals leave by none of the outputs`, async (t) => {
    assert.ok(planted.length >= 40 + VARIANTS);
    const [receiver, result] = await run(planted, everywhere);
    t.after(() => receiver.close());
    assert.equal(result.code, 0, result.stderr.slice(-2000));
    const { page, redactions, degraded } = JSON.parse(result.stdout) as Outcome;
    assert.deepEqual(degraded, {});
    assert.ok(receiver.spans.length >= 2 * planted.length, `${receiver.spans.length} spans`);
    assert.ok(receiver.logs.length >= planted.length);
    assert.equal(eventsOf(receiver).length, planted.length);
    assert.ok(receiver.sentrySpans.length >= 2 * planted.length, `${receiver.sentrySpans.length} spans in Sentry`);
    assert.ok(page.includes('app_planted_total'), page.slice(0, 500));
    assert.ok(receiver.metric('app.planted') !== undefined);
    assert.ok(result.stderr.includes('span'), 'the console output is silent');
    const inProcess = { key: 'process', value: [ARGUMENTS, RESOURCE], secret: 'hushIn' };
    const leaked = [...planted, inProcess].flatMap((each) =>
      [...new Set(placesOf(each.secret, receiver, result))].map((place) => ({ place, ...each })),
    );
    assert.deepEqual(leaked, []);
    for (const kind of ['named', 'token', 'jwt', 'card', 'private-key', 'url', 'sql'])
      assert.ok((redactions[kind] ?? 0) > 0, `${kind}: ${JSON.stringify(redactions)}`);
  });

  test('with redaction off they do, so that the search finds what there is', async (t) => {
    const few = planted.slice(0, 10);
    const [receiver, result] = await run(few, { DUOTEL_REDACT: 'off' });
    t.after(() => receiver.close());
    assert.equal(result.code, 0, result.stderr);
    for (const { secret } of few) {
      const places = new Set(placesOf(secret, receiver, result));
      for (const place of [
        '/v1/traces',
        '/v1/logs',
        '/v1/metrics',
        '/metrics',
        '/api/1/envelope/',
        '/api/1/integration/otlp/v1/traces/',
      ])
        assert.ok(places.has(place), `${secret}: ${[...places].join(', ')}`);
      const parts = eventsOf(receiver).flatMap((event) =>
        Object.entries(event).flatMap(([part, value]) => (JSON.stringify(value).includes(secret) ? [part] : [])),
      );
      const wanted = ['breadcrumbs', 'exception', 'extra', 'request', 'tags', 'transaction'];
      assert.deepEqual([...new Set(parts)].toSorted(), wanted, secret);
    }
  });
});
