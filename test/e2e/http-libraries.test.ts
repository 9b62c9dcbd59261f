/**
 * T45: HTTP libraries do under the preload what they do without it, and each request has its spans, once.
 */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startReceiver, type ReceivedSpan } from '../../src/testing.ts';
import { APPS } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, type Owner } from '../support/backends.ts';

const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  'axios@1',
  'got@14',
  'node-fetch@3',
  'cross-fetch@4',
  'undici@7',
  'superagent@10',
  'needle@3',
  'ky@1',
  'wretch@2',
  'ofetch@1',
  'phin@3',
  'simple-get@4',
  'follow-redirects@1',
  'bent@7',
  'postman-request@2.88.1-postman.48',
  'express@5',
  'fastify@5',
  'koa@3',
  '@hapi/hapi@21',
  'polka@0.5',
  'micro@10',
  'connect@3',
  'h3@1',
  'hono@4',
  '@hono/node-server@1',
  'http-proxy@1',
  'ws@8',
  'socket.io@4',
  'socket.io-client@4',
];

const CLIENTS = 21;
const SERVERS = 11;

async function run(owner: Owner, folder: string, env?: Readonly<Record<string, string>>): Promise<string> {
  const args = [...(env === undefined ? [] : ['--import', 'duotel/register']), 'http-libraries.mjs'];
  const running = launch(owner, process.execPath, ['--no-deprecation', ...args], {
    cwd: folder,
    env: cleanEnvironment(env),
  });
  assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
  assert.equal(running.stderr(), '');
  return running.stdout();
}

/** Numbers of spans by path of the request, those of HTTP only: `client/axios` → `client 1, server 1`. */
function countSpans(spans: readonly ReceivedSpan[]): Map<string, string> {
  const counts = new Map<string, { client: number; server: number }>();
  for (const { kind, attributes } of spans) {
    if (kind !== 'client' && kind !== 'server') continue;
    const url = String(attributes['url.path'] ?? attributes['url.full']);
    const [path = ''] = /(?:client|server|upgrade)\/[^/?]+/.exec(url) ?? [];
    const count = counts.get(path) ?? { client: 0, server: 0 };
    count[kind] += 1;
    counts.set(path, count);
  }
  return new Map([...counts].map(([path, { client, server }]) => [path, `client ${client}, server ${server}`]));
}

/** What each library is to have, by what its path begins with. */
function expectedFor(path: string): string {
  // One request from outside, and the one that is passed on.
  if (path === 'server/http-proxy') return 'client 1, server 2';
  // Node.js announces an upgrade to the program alone, as the official instrumentation leaves it too.
  if (path.startsWith('upgrade/')) return 'client 1, server 0';
  return path.startsWith('server/') ? 'client 0, server 1' : 'client 1, server 1';
}

test('34 HTTP libraries give the same results with and without the preload, and each request its spans', async (t) => {
  const folder = await installPacked(t, PACKAGES);
  copyFileSync(join(APPS, 'http-libraries.mjs'), join(folder, 'http-libraries.mjs'));
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const control = await run(t, folder);
  const observed = await run(t, folder, {
    OTEL_SERVICE_NAME: 'libraries',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRICS_EXPORTER: 'none',
    DUOTEL_SHUTDOWN_TIMEOUT: '10000',
  });
  assert.deepEqual(JSON.parse(observed), JSON.parse(control));

  const counts = countSpans(receiver.spans);
  assert.equal(counts.size, CLIENTS + SERVERS + 2, [...counts.keys()].join());
  assert.deepEqual(counts, new Map([...counts.keys()].map((path) => [path, expectedFor(path)])));
  const ids = new Set(receiver.spans.map(({ spanId }) => spanId));
  for (const { kind, name, attributes, parentSpanId } of receiver.spans) {
    const path = String(attributes['url.path']);
    if (kind === 'server' && path.startsWith('/client/'))
      assert.ok(ids.has(parentSpanId ?? ''), `${name} ${path} continues the trace of its client`);
  }
});
