import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveInstanceId, type InstanceInput } from '../../../src/config/instance-id.ts';
import type { ProcessFacts } from '../../../src/config/process-facts.ts';

const PROCESS: ProcessFacts = {
  nodeVersion: '24.21.0',
  platform: 'linux',
  arch: 'x64',
  hostName: 'web-01',
  mainScript: '/srv/server.js',
  workingDirectory: '/srv',
  clusterWorkerId: 0,
  threadId: 0,
};

const HOST: InstanceInput = {
  configured: undefined,
  source: { kind: 'host' },
  parts: ['', 'shop', 'production', 'server.js'],
  process: PROCESS,
  env: {},
};

function resolve(change: Partial<InstanceInput> = {}): string | undefined {
  return resolveInstanceId({ ...HOST, ...change });
}

suite('the same again', () => {
  test('a derived id is a UUID of version 5 that never changes between versions of this package', () => {
    // A change of this value makes every user's series anew: it belongs in the changelog.
    assert.equal(resolve(), 'daf276d8-a8f3-551a-ad78-8b8054503dc6');
  });

  test('the version of Node.js, the working directory and unrelated variables change nothing', () => {
    const process = {
      ...PROCESS,
      nodeVersion: '26.0.0',
      workingDirectory: '/',
      mainScript: '/srv/releases/2/server.js',
    };
    assert.equal(resolve({ process, env: { HOSTNAME: 'x', RANDOM: '4' } }), resolve());
  });
});

suite('apart', () => {
  const named = { kind: 'named', name: 'replica-a' } as const;
  const others: Readonly<Record<string, Partial<InstanceInput>>> = {
    'another host': { process: { ...PROCESS, hostName: 'web-02' } },
    'another service': { parts: ['', 'cart', 'production', 'server.js'] },
    'another environment': { parts: ['', 'shop', 'staging', 'server.js'] },
    'another script of the same package': { parts: ['', 'shop', 'production', 'cli.js'] },
    'another port': { env: { PORT: '3001' } },
    'a cluster worker': { process: { ...PROCESS, clusterWorkerId: 1 } },
    'another cluster worker': { process: { ...PROCESS, clusterWorkerId: 2 } },
    'a worker thread': { process: { ...PROCESS, threadId: 1 } },
    'a thread of a cluster worker': { process: { ...PROCESS, clusterWorkerId: 1, threadId: 1 } },
    'a PM2 instance': { env: { NODE_APP_INSTANCE: '0' } },
    'another PM2 instance': { env: { NODE_APP_INSTANCE: '1' } },
    'a cluster worker of a PM2 instance': {
      env: { NODE_APP_INSTANCE: '0' },
      process: { ...PROCESS, clusterWorkerId: 1 },
    },
    'a platform instance': { source: named },
    'another platform instance': { source: { kind: 'named', name: 'replica-b' } },
    'a platform instance named like the host': { source: { kind: 'named', name: 'web-01:' } },
    'a thread of a platform instance': { source: named, process: { ...PROCESS, threadId: 1 } },
  };
  test('every one of these has an id of its own', () => {
    const ids = new Map(Object.entries(others).map(([what, change]) => [resolve(change), what]));
    ids.set(resolve(), 'the first');
    assert.equal(ids.size, Object.keys(others).length + 1);
  });

  test('copies without a name of their own are fresh each time', () => {
    const fresh = { source: { kind: 'fresh' } } as const;
    assert.notEqual(resolve(fresh), resolve(fresh));
  });
});

suite('platforms', () => {
  test('the host name and port of a named instance do not matter', () => {
    const source = { kind: 'named', name: 'replica-a' } as const;
    const elsewhere = { source, process: { ...PROCESS, hostName: '7f3a' }, env: { PORT: '49152' } };
    assert.equal(resolve(elsewhere), resolve({ source }));
  });

  test('copies that live for a moment have none', () => {
    assert.equal(resolve({ source: { kind: 'none' } }), undefined);
  });

  test('respawned workers of PM2 in cluster mode keep the id of their number', () => {
    const env = { NODE_APP_INSTANCE: '2', exec_mode: 'cluster_mode' };
    const first = resolve({ env, process: { ...PROCESS, clusterWorkerId: 3 } });
    assert.equal(resolve({ env, process: { ...PROCESS, clusterWorkerId: 17 } }), first);
  });
});

suite('configured', () => {
  test('a configured id is used as it is, on every platform', () => {
    assert.equal(resolve({ configured: 'mine' }), 'mine');
    assert.equal(resolve({ configured: 'mine', source: { kind: 'none' } }), 'mine');
  });

  test('workers and threads add what sets them apart', () => {
    const process = { ...PROCESS, clusterWorkerId: 2, threadId: 5 };
    assert.equal(resolve({ configured: 'mine', process }), 'mine-worker-2-thread-5');
  });
});
