import { deepEqual, equal, ok } from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { markOwn } from '../../../src/core/own-traffic.ts';
import { onFirstListen } from '../../../src/outputs/first-listen.ts';
import { ROOT } from '../../../tools/node-versions.mjs';
import { httpRequest } from '../../support/http-request.ts';
import { startApp, type RunningApp } from '../../support/run-app.ts';
import { until } from '../../support/until.ts';

async function listen(t: TestContext, server: Server, at: number | string = 0): Promise<void> {
  await new Promise<void>((resolve) =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );
  t.after(() => void server.close());
}

function count(t: TestContext): { times: number } {
  const seen = { times: 0 };
  t.after(
    onFirstListen(() => {
      seen.times += 1;
    }),
  );
  return seen;
}

function pipe(name: string): string {
  return join(tmpdir(), `duotel-${process.pid}-${name}.sock`);
}

suite('in this process', () => {
  test('the first TCP server counts, once', async (t) => {
    const seen = count(t);
    await listen(t, createServer());
    equal(seen.times, 1);
    await listen(t, createServer());
    equal(seen.times, 1);
  });

  test('a server of telemetry itself, a plain pipe and a failed listen do not count; HTTP on a pipe does', async (t) => {
    const seen = count(t);
    await listen(t, markOwn(createServer()));
    await listen(t, createServer(), pipe('plain'));
    const failing = createServer();
    await new Promise((resolve) => failing.on('error', resolve).listen(0, '192.0.2.1'));
    equal(seen.times, 0);
    await listen(t, createHttpServer(), pipe('http'));
    equal(seen.times, 1);
  });

  test('nothing is called after stopping', async (t) => {
    let times = 0;
    const stop = onFirstListen(() => {
      times += 1;
    });
    stop();
    await listen(t, createServer());
    equal(times, 0);
  });

  test('a server that listens already is found in the next turn', async (t) => {
    await listen(t, createServer());
    const seen = count(t);
    await until('found', () => seen.times === 1);
  });

  test('a server whose address cannot be asked for harms nobody', async (t) => {
    const seen = count(t);
    const hostile = createServer();
    hostile.address = () => {
      throw new Error('boom');
    };
    await listen(t, hostile);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    equal(seen.times, 0);
  });

  test('servers of telemetry that listen already are not taken for the application', async (t) => {
    await listen(t, markOwn(createServer()));
    const seen = count(t);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    equal(seen.times, 0);
  });
});

/** A program with an endpoint; prints `metrics at PORT` once it is open. */
function program(code: string, open = `'listening'`): string {
  return `
    import http from 'node:http';
    import cluster from 'node:cluster';
    import { createScrape } from ${JSON.stringify(join(ROOT, 'src/outputs/scrape.ts'))};
    const collect = async () => ({ resourceMetrics: { resource: { attributes: {} }, scopeMetrics: [] } });
    const scrape = createScrape({ config: { open: ${open}, host: '127.0.0.1', port: 0, whenBusy: 'off' }, collect });
    const say = () => scrape.address() === undefined ? setTimeout(say, 5).unref() : console.log('metrics at ' + scrape.address().port);
    say();
    ${code}`;
}

function run(t: TestContext, code: string, open?: string): RunningApp {
  const app = startApp({ code: program(code, open), nodeArgs: [] });
  t.after(() => app.child.kill('SIGKILL'));
  return app;
}

async function endpointOf(app: RunningApp): Promise<{ host: string; port: number }> {
  const [, port] = await app.line(/metrics at (\d+)/);
  return { host: '127.0.0.1', port: Number(port) };
}

suite('in a program', () => {
  test('a program that does not listen opens nothing, says nothing and ends', async (t) => {
    const { code, stdout, stderr } = await run(
      t,
      `setTimeout(() => process.stdout.write(JSON.stringify(scrape.address() ?? null)), 100);`,
    ).ended;
    deepEqual([code, stdout, stderr], [0, 'null', '']);
  });

  test('a program whose endpoint is always open ends all the same', async (t) => {
    const { code, stderr } = await run(t, `setTimeout(() => {}, 200);`, `'always'`).ended;
    deepEqual([code, stderr], [0, '']);
  });

  test('a server opens the endpoint, and SIGTERM kills it by signal', async (t) => {
    const app = run(t, `http.createServer().listen(0, '127.0.0.1');`);
    equal((await httpRequest(await endpointOf(app))).status, 200);
    app.child.kill('SIGTERM');
    const { code, signal, stderr } = await app.ended;
    deepEqual([code, signal, stderr], [null, 'SIGTERM', '']);
  });

  test('a server that closes ends, also while a scraper keeps its connection', async (t) => {
    const app = run(
      t,
      `const server = http.createServer().listen(0, '127.0.0.1');
       process.on('SIGUSR2', () => server.close());
       await new Promise((resolve) => setTimeout(function look() { scrape.address() ? resolve() : setTimeout(look, 5); }));
       const agent = new http.Agent({ keepAlive: true });
       http.get({ agent, ...scrape.address(), path: '/metrics' }, (answer) => answer.resume().on('end', () => console.log('scraped')));`,
    );
    await app.line(/scraped/);
    app.child.kill('SIGUSR2');
    const { code, signal } = await app.ended;
    deepEqual([code, signal], [0, null]);
  });

  for (const [name, policy] of [
    ['that accepts for its workers', 'SCHED_RR'],
    ['whose workers accept themselves', 'SCHED_NONE'],
  ]) {
    test(`a cluster primary ${name} opens the endpoint, its workers do not`, async (t) => {
      const app = run(
        t,
        `if (cluster.isPrimary) {
           cluster.schedulingPolicy = cluster.${policy};
           for (let n = 0; n < 2; n += 1) cluster.fork();
           process.on('SIGUSR2', () => cluster.disconnect());
         } else http.createServer().listen(0, '127.0.0.1');`,
        `cluster.isWorker ? 'never' : 'listening'`,
      );
      equal((await httpRequest(await endpointOf(app))).status, 200);
      app.child.kill('SIGUSR2');
      const { stdout, stderr } = await app.ended;
      equal(stdout.match(/metrics at/g)?.length, 1);
      equal(stderr, '');
    });
  }

  test('a program with children that are no cluster does not load the cluster module', async (t) => {
    const file = join(ROOT, 'src/outputs/first-listen.ts');
    const code = `
      import { onFirstListen } from ${JSON.stringify(file)};
      import { spawnSync, spawn } from 'node:child_process';
      onFirstListen(() => {});
      spawn(process.execPath, ['-e', '0']).on('exit', () =>
        console.log(process.moduleLoadList.includes('NativeModule cluster'), process.moduleLoadList.includes('NativeModule http')));`;
    const app = startApp({ code, nodeArgs: [] });
    t.after(() => app.child.kill('SIGKILL'));
    equal((await app.ended).stdout, 'false false\n');
  });

  test('the undocumented lists of Node.js this relies on are there', () => {
    const { moduleLoadList, _getActiveHandles } = process as unknown as {
      moduleLoadList: string[];
      _getActiveHandles: () => object[];
    };
    ok(moduleLoadList.includes('NativeModule net'));
    ok(Array.isArray(_getActiveHandles.call(process)));
  });
});
