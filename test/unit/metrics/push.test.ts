import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { CollectionResult, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { type PushLoop, type PushLoopOptions, startPushLoop } from '../../../src/metrics/push.ts';
import { until } from '../../support/until.ts';

/** A snapshot that is recognised by its scope. */
function numbered(n: number): CollectionResult {
  return {
    resourceMetrics: {
      resource: resourceFromAttributes({}),
      scopeMetrics: [{ scope: { name: String(n) }, metrics: [] }],
    },
    errors: [],
  };
}

function start(t: TestContext, options: Partial<PushLoopOptions>): { loop: PushLoop; pushed: string[] } {
  const pushed: string[] = [];
  let taken = 0;
  const loop = startPushLoop({
    snapshot: async () => numbered((taken += 1)),
    push: async (metrics: ResourceMetrics) => pushed.push(metrics.scopeMetrics[0]?.scope.name ?? ''),
    intervalMillis: 60_000,
    timeoutMillis: 1_000,
    ...options,
  });
  t.after(() => loop.stop());
  return { loop, pushed };
}

function degraded(): number {
  return degradations()['metrics.push']?.count ?? 0;
}

test('the first push comes after a random part of the interval, the others an interval apart', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let pushes = 0;
  start(t, {
    intervalMillis: 1_000,
    random: () => 0.25,
    snapshot: () => {
      pushes += 1;
      return new Promise(() => {});
    },
  });
  t.mock.timers.tick(249);
  equal(pushes, 0);
  t.mock.timers.tick(1);
  equal(pushes, 1);
});

test('it goes on pushing new snapshots at the interval', async (t) => {
  const { pushed } = start(t, { intervalMillis: 5 });
  await until('three pushes', () => pushed.length >= 3);
  deepEqual(pushed.slice(0, 3), ['1', '2', '3']);
});

test('one push is in flight: a slow one makes the loop skip', async (t) => {
  let [running, most, finished] = [0, 0, 0];
  start(t, {
    intervalMillis: 2,
    push: async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      finished += 1;
    },
  });
  await until('three slow pushes', () => finished >= 3);
  equal(most, 1);
});

test('flush pushes at once; during a push it adds exactly one more, which all callers share', async (t) => {
  const release: (() => void)[] = [];
  let pushes = 0;
  const { loop } = start(t, {
    push: () => {
      pushes += 1;
      return new Promise<void>((resolve) => release.push(resolve));
    },
  });
  const first = loop.flush();
  await until('first push', () => pushes === 1);
  const [second, third] = [loop.flush(), loop.flush()];
  equal(second, third);
  release.shift()?.();
  await first;
  await until('second push', () => pushes === 2);
  release.shift()?.();
  await second;
  equal(pushes, 2);
});

test('a snapshot or a push that fails is counted, never thrown, and the loop goes on', async (t) => {
  const before = degraded();
  let calls = 0;
  const { loop } = start(t, {
    intervalMillis: 5,
    snapshot: async () => {
      calls += 1;
      if (calls === 1) throw new Error('no snapshot');
      return numbered(calls);
    },
    push: () => {
      if (calls === 2) throw new Error('synchronously');
      return Promise.reject(new Error('no push'));
    },
  });
  await loop.flush();
  await until('more pushes', () => calls >= 4);
  ok(degraded() >= before + 3);
});

test('a push or a snapshot without outcome is given up after its limit', async (t) => {
  const hold = setTimeout(() => {}, 5_000);
  for (const stuck of [{ push: () => new Promise(() => {}) }, { snapshot: () => new Promise<never>(() => {}) }]) {
    const before = degraded();
    const { loop } = start(t, { ...stuck, timeoutMillis: 20 });
    await loop.flush();
    equal(degraded(), before + 1);
  }
  clearTimeout(hold);
});

test('nothing recorded is nothing pushed', async (t) => {
  const nothing = { ...numbered(0), resourceMetrics: { ...numbered(0).resourceMetrics, scopeMetrics: [] } };
  const { loop, pushed } = start(t, { snapshot: async () => nothing });
  await loop.flush();
  deepEqual(pushed, []);
});

test('nothing is pushed after stop, except by flush', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { loop, pushed } = start(t, { intervalMillis: 10 });
  loop.stop();
  t.mock.timers.tick(1_000);
  deepEqual(pushed, []);
  await loop.flush();
  deepEqual(pushed, ['1']);
});

test('a program with a running loop ends by itself', () => {
  const url = new URL('../../../src/metrics/push.ts', import.meta.url).href;
  const code = `import { startPushLoop } from '${url}';
    startPushLoop({ snapshot: () => new Promise(() => {}), push: async () => {}, intervalMillis: 60_000, timeoutMillis: 30_000 });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    timeout: 20_000,
  });
  deepEqual([status, String(stdout), String(stderr)], [0, '', '']);
});
