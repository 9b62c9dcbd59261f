import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { suite, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { isOwn } from '../../../src/core/own-traffic.ts';
import { createScrape } from '../../../src/outputs/scrape.ts';
import { httpRequest } from '../../support/http-request.ts';
import { parsePrometheus } from '../../support/prometheus-parser.ts';
import { captureNotices, createReader, openScrape, SCRAPE_CONFIG } from '../../support/scrape-endpoint.ts';
import { until } from '../../support/until.ts';

async function listen(t: TestContext, server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
}

suite('answers', () => {
  test('GET /metrics is a page of the promised type, with or without a query', async (t) => {
    const target = await openScrape(t);
    for (const path of ['/metrics', '/metrics?name[]=x']) {
      const { status, headers, body } = await httpRequest(target, { path });
      equal(status, 200);
      equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
      equal(headers['content-length'], String(body.length));
      equal(parsePrometheus(body).get('orders_total')?.samples[0]?.value, 3);
    }
  });

  test('HEAD has the headers of GET and no body', async (t) => {
    const target = await openScrape(t);
    const [get, head] = [await httpRequest(target), await httpRequest(target, { method: 'HEAD' })];
    equal(head.status, 200);
    equal(head.headers['content-length'], get.headers['content-length']);
    equal(head.headers['content-type'], get.headers['content-type']);
    equal(head.body.length, 0);
  });

  test('other paths are 404, other methods 405 with Allow', async (t) => {
    const target = await openScrape(t);
    for (const path of ['/', '/metrics/', '/metricsx', '//metrics', '/favicon.ico']) {
      equal((await httpRequest(target, { path })).status, 404, path);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      const { status, headers } = await httpRequest(target, { method });
      deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
  });

  test('gzip is used when accepted and worth it', async (t) => {
    const reader = createReader((provider) => {
      const counter = provider.getMeter('test').createCounter('many');
      for (let id = 0; id < 200; id += 1) counter.add(1, { id });
    });
    const target = await openScrape(t, { collect: () => reader.snapshot() });
    const plain = await httpRequest(target);
    equal(plain.headers['content-encoding'], undefined);
    for (const accept of ['gzip', 'deflate, GZIP;q=0.5', '*', 'gzip;q=1.0, *;q=0']) {
      const { headers, body } = await httpRequest(target, { headers: { 'accept-encoding': accept } });
      deepEqual([headers['content-encoding'], headers.vary], ['gzip', 'accept, accept-encoding'], accept);
      deepEqual(gunzipSync(body), plain.body);
    }
    for (const accept of ['gzip;q=0', 'gzip; q=0.000', 'identity', 'x-gzipped', '']) {
      const { headers } = await httpRequest(target, { headers: { 'accept-encoding': accept } });
      equal(headers['content-encoding'], undefined, accept);
    }
  });

  test('a failure is 503 with a code, one notice for the outage, and over with the next page', async (t) => {
    const lines = captureNotices(t);
    const reader = createReader();
    let broken = true;
    const target = await openScrape(t, {
      collect: () => (broken ? Promise.reject(new Error('boom')) : reader.snapshot()),
    });
    for (let round = 0; round < 2; round += 1) {
      broken = true;
      for (let n = 0; n < 3; n += 1) {
        const { status, body } = await httpRequest(target);
        equal(status, 503);
        match(body.toString(), /^DUOTEL_SCRAPE_FAILED .*boom/);
      }
      broken = false;
      equal((await httpRequest(target)).status, 200);
    }
    equal(lines.length, 2);
  });

  test('a snapshot that never comes is 503 within 2 s', async (t) => {
    captureNotices(t);
    const target = await openScrape(t, { collect: () => new Promise(() => {}) });
    const startedAt = performance.now();
    const { status, body } = await httpRequest(target);
    equal(status, 503);
    match(body.toString(), /DUOTEL_SCRAPE_FAILED/);
    ok(performance.now() - startedAt < 2_000);
  });

  test('a callback that never settles and one that throws cost their own series only', async (t) => {
    const reader = createReader((provider) => {
      const meter = provider.getMeter('test');
      meter.createObservableGauge('stuck').addCallback(() => new Promise(() => {}));
      meter.createObservableGauge('broken').addCallback(() => {
        throw new Error('boom');
      });
      meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
    });
    const target = await openScrape(t, { collect: () => reader.snapshot() });
    const startedAt = performance.now();
    const { status, body } = await httpRequest(target);
    ok(performance.now() - startedAt < 2_000);
    equal(status, 200);
    deepEqual([...parsePrometheus(body).keys()], ['target_info', 'orders_total', 'fine']);
  });

  test('scrapes that come together share one collection, later ones get a new one', async (t) => {
    let calls = 0;
    const reader = createReader((provider) => {
      provider
        .getMeter('test')
        .createObservableGauge('calls')
        .addCallback(async (result) => {
          calls += 1;
          await new Promise((resolve) => setTimeout(resolve, 200));
          result.observe(calls);
        });
    });
    const target = await openScrape(t, { collect: () => reader.snapshot() });
    const answers = await Promise.all(Array.from({ length: 20 }, () => httpRequest(target)));
    ok(answers.every(({ status, body }) => status === 200 && body.equals(answers[0]?.body ?? Buffer.alloc(0))));
    equal(calls, 1);
    await httpRequest(target);
    equal(calls, 2);
  });

  test('the handler answers on a server of the application, whatever the path', async (t) => {
    const reader = createReader();
    const scrape = createScrape({ config: { ...SCRAPE_CONFIG, open: 'never' }, collect: () => reader.snapshot() });
    t.after(scrape.close);
    const port = await listen(t, createServer(scrape.handler));
    const { status, body } = await httpRequest({ host: '127.0.0.1', port }, { path: '/internal/stats' });
    equal(status, 200);
    ok(parsePrometheus(body).has('orders_total'));
    equal(scrape.address(), undefined);
  });
});

suite('listener', () => {
  test('it is marked as our own, so that scrapes are not observed', async (t) => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const servers: object[] = [];
    const onListen = (message: unknown): void => void servers.push((message as { server: object }).server);
    subscribe('tracing:net.server.listen:asyncEnd', onListen);
    t.after(() => unsubscribe('tracing:net.server.listen:asyncEnd', onListen));
    await openScrape(t);
    equal(servers.length, 1);
    ok(isOwn(servers[0] ?? {}));
  });

  test('IPv6 hosts work with and without brackets', { skip: !hasIpv6() }, async (t) => {
    for (const host of ['::1', '[::1]']) {
      const { scrape } = await openScrape(t, { config: { ...SCRAPE_CONFIG, host } });
      equal(scrape.address()?.host, '::1');
      equal((await httpRequest({ host: '::1', port: scrape.address()?.port ?? 0 })).status, 200);
    }
  });

  test(':: serves both families, localhost what the name means', { skip: !hasIpv6() }, async (t) => {
    const { port } = await openScrape(t, { config: { ...SCRAPE_CONFIG, host: '::' } });
    for (const host of ['::1', '127.0.0.1']) equal((await httpRequest({ host, port })).status, 200, host);
    const local = await openScrape(t, { config: { ...SCRAPE_CONFIG, host: 'localhost' } });
    equal((await httpRequest({ host: 'localhost', port: local.port })).status, 200);
  });

  test('a busy port closes the endpoint with one notice', async (t) => {
    const lines = captureNotices(t);
    const port = await listen(t, createServer());
    const scrape = createScrape({ config: { ...SCRAPE_CONFIG, port }, collect: () => new Promise(() => {}) });
    t.after(scrape.close);
    await until('notice', () => lines.length > 0);
    match(
      lines.join(''),
      new RegExp(`^DUOTEL_PORT_IN_USE .*127\\.0\\.0\\.1:${port} is taken.*OTEL_EXPORTER_PROMETHEUS_PORT`),
    );
    equal(scrape.address(), undefined);
    await scrape.close();
  });

  test('a busy port is replaced by a free one on request, and the notice says which', async (t) => {
    const lines = captureNotices(t);
    const port = await listen(t, createServer());
    const { scrape, ...target } = await openScrape(t, { config: { ...SCRAPE_CONFIG, port, whenBusy: 'ephemeral' } });
    ok(target.port !== port);
    equal((await httpRequest(target)).status, 200);
    equal(lines.length, 1);
    match(lines.join(''), new RegExp(`^DUOTEL_PORT_IN_USE .*served at http://127\\.0\\.0\\.1:${target.port}/metrics`));
    equal(scrape.address()?.port, target.port);
  });

  test('an address that is not ours closes the endpoint with one notice', async (t) => {
    const lines = captureNotices(t);
    const scrape = createScrape({
      config: { ...SCRAPE_CONFIG, host: '192.0.2.1' },
      collect: () => new Promise(() => {}),
    });
    t.after(scrape.close);
    await until('notice', () => lines.length > 0);
    match(lines.join(''), /^DUOTEL_SCRAPE_FAILED .*192\.0\.2\.1:0.*EADDRNOTAVAIL/);
  });

  test('closing frees the port at once, also under open connections, and is repeatable', async (t) => {
    const { scrape, ...target } = await openScrape(t);
    const socket = connect(target.port, target.host);
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.on('connect', resolve));
    await scrape.close();
    await ended;
    await scrape.close();
    equal(scrape.address(), undefined);
    const again = createServer();
    await new Promise<void>((resolve) => again.listen(target.port, target.host, resolve));
    again.close();
  });

  test('closing while a host name is looked up leaves no listener behind', async (t) => {
    captureNotices(t);
    const scrape = createScrape({
      config: { ...SCRAPE_CONFIG, host: 'localhost' },
      collect: () => new Promise(() => {}),
    });
    await scrape.close();
    // Lookups are answered in order: when ours is, the one of the endpoint was.
    await lookup('localhost');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    equal(scrape.address(), undefined);
  });
});
