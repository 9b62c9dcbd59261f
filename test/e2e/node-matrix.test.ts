/**
 * The preload on every supported end of Node.js: HTTP and fetch are traced in ES modules and CommonJS, and nobody but
 * the receiver can tell (T36). Node.js 20 is best effort and says so in one line.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, suite, test, type TestContext } from 'node:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startReceiver, type ReceivedSpan } from '../../src/testing.ts';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { FAST_EXPORT, startApp, type AppOptions } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import {
  cleanEnvironment,
  getText,
  launch,
  skipWithout,
  type Ended,
  type Owner,
  suiteOwner,
} from '../support/backends.ts';

const SUPPORTED = ['22.15.0', '22.22.3', '24.21.0', '26.10.0'] as const;
const BEST_EFFORT = '20.20.2';
const APPS = ['server.mjs', 'server.cjs'] as const;

const skipWithoutNode = (version: string): string | false => skipWithout(`node-${version}` as ProgramName);

/** What a program leaves behind, seen from outside. */
interface Outcome {
  readonly ended: Ended;
  readonly stderr: string;
  /** Answer of the request; a trace id under the preload. */
  readonly answer: string;
}

/** Runs a server for one request and ends it by SIGTERM, after `until` is content. */
async function serveOnce(
  owner: Owner,
  app: string,
  options: AppOptions,
  until: (traceId: string) => Promise<unknown> = async () => undefined,
): Promise<Outcome> {
  const running = await startApp(owner, app, options);
  const answer = await getText(`${running.url}/both`);
  await until(answer);
  return { answer, ended: await running.stop(), stderr: running.stderr() };
}

/** A server outside of telemetry that keeps the headers of its requests. */
async function startUpstream(owner: Owner): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/up`, seen };
}

/** Runs the application on `version` with and without the preload, and checks all but stderr. Returns both stderrs. */
async function compare(t: TestContext, version: string, app: string): Promise<{ control: string; stderr: string }> {
  const node = ensureNode(version);
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const upstream = await startUpstream(t);
  const control = await serveOnce(t, app, { node, preload: false, env: { UPSTREAM: upstream.url } });
  assert.equal(control.answer, 'none');
  upstream.seen.length = 0;

  const env = {
    ...FAST_EXPORT,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    UPSTREAM: upstream.url,
  };
  const traced = await serveOnce(t, app, { node, env }, (traceId) =>
    receiver.waitFor(() => receiver.trace(traceId).length >= 3),
  );
  const [server, ...clients] = receiver.trace(traced.answer);
  assert.equal(server?.kind, 'server');
  assert.equal(server.parentSpanId, undefined);
  assert.equal(server.attributes['url.path'], '/both');
  assert.deepEqual(clients.map(summary), [
    { kind: 'client', parentSpanId: server.spanId, url: upstream.url },
    { kind: 'client', parentSpanId: server.spanId, url: upstream.url },
  ]);
  // Node.js 20 announces requests of node:http too late to add a header: the second one travels without the trace.
  const carrying = version === BEST_EFFORT ? clients.slice(0, 1) : clients;
  assert.deepEqual(
    upstream.seen.flatMap(({ traceparent }) => traceparent ?? []),
    carrying.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  );
  assert.deepEqual(traced.ended, control.ended);
  return { control: control.stderr, stderr: traced.stderr };
}

function summary({ kind, parentSpanId, attributes }: ReceivedSpan): object {
  return { kind, parentSpanId, url: attributes['url.full'] };
}

for (const version of SUPPORTED) {
  for (const app of APPS) {
    const skip = skipWithoutNode(version);
    test(
      `${app} on Node.js ${version} is traced and prints what it prints without the preload`,
      { skip },
      async (t) => {
        const { control, stderr } = await compare(t, version, app);
        assert.equal(stderr, control);
      },
    );
  }
}

for (const app of APPS) {
  test(
    `${app} on Node.js ${BEST_EFFORT} is traced and prints one line more`,
    { skip: skipWithoutNode(BEST_EFFORT) },
    async (t) => {
      const { control, stderr } = await compare(t, BEST_EFFORT, app);
      const more = stderr.split('\n').length - control.split('\n').length;
      assert.equal(more, 1, stderr);
      assert.match(stderr, /DUOTEL_NODE_UNSUPPORTED/);
    },
  );
}

suite('the packed package', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, ['@opentelemetry/api@1.10.0']);
    const body = `const handle = start({ serviceName: 'packed' }); handle.shutdown().then(() => console.log('over'));\n`;
    await writeFile(join(folder, 'app.cjs'), `const { start } = require('duotel');\n${body}`);
    await writeFile(join(folder, 'app.mjs'), `import { start } from 'duotel';\n${body}`);
  });

  for (const version of SUPPORTED) {
    for (const [how, app] of [
      ['require()', 'app.cjs'],
      ['import', 'app.mjs'],
    ] as const) {
      test(
        `starts and shuts down by ${how} on Node.js ${version} without a warning`,
        { skip: skipWithoutNode(version) },
        async (t) => {
          const running = launch(t, ensureNode(version), [app], { cwd: folder, env: cleanEnvironment() });
          assert.deepEqual(await running.ended, { code: 0, signal: null });
          assert.equal(running.stderr(), '');
          assert.equal(running.stdout(), 'over\n');
        },
      );
    }
    test(
      `preloads by its name on Node.js ${version} without a warning`,
      { skip: skipWithoutNode(version) },
      async (t) => {
        const args = ['--import', 'duotel/register', '-e', 'console.log(1)'];
        const running = launch(t, ensureNode(version), args, { cwd: folder, env: cleanEnvironment() });
        assert.deepEqual(await running.ended, { code: 0, signal: null });
        assert.equal(running.stderr(), '');
        assert.equal(running.stdout(), '1\n');
      },
    );
  }
});
