import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { degradations } from '../../../src/core/guard.ts';
import { Dispatcher, type DispatcherParts } from '../../../src/instrument/dispatcher.ts';
import type { InstrumentationPart } from '../../../src/instrument/instrumentation-part.ts';
import type { Row } from '../../../src/instrument/table.ts';
import { manifest, writeFiles } from './packages.ts';

const TABLE: readonly Row[] = [
  {
    name: 'db',
    scope: 'scope-db',
    targets: [{ module: 'db', versions: ['>=2.0.0 <4'], files: ['lib/client.js'], main: true }],
  },
  { name: 'log', scope: 'scope-log', targets: [{ module: 'log', versions: ['>=1.0.0'], files: ['inner.js'] }] },
];

const PACKAGES = {
  'node_modules/db/package.json': manifest('db', '3.1.0'),
  'node_modules/db/index.js': 'exports.name = "db";',
  'node_modules/db/lib/client.js': 'exports.name = "client";',
  'node_modules/db/lib/other.js': 'exports.name = "other";',
  'node_modules/log/package.json': manifest('log', '1.0.0'),
  'node_modules/log/index.js': 'exports.name = "log";',
};

const providers = { trace: 'tracers', metrics: 'meters', logs: 'loggers' } as unknown as DispatcherParts['providers'];

interface Bench {
  readonly dispatcher: Dispatcher;
  readonly calls: string[];
  readonly folder: string;
}

function part(name: string, calls: string[]): InstrumentationPart {
  return {
    instrumentationName: name,
    setTracerProvider: (provider) => calls.push(`${name} ${String(provider)}`),
    setMeterProvider: (provider) => calls.push(`${name} ${String(provider)}`),
    setLoggerProvider: (provider) => calls.push(`${name} ${String(provider)}`),
    getConfig: () => ({}),
    enable: () => calls.push(`${name} enabled`),
    disable: () => calls.push(`${name} disabled`),
  };
}

function createBench(t: TestContext, overrides: Partial<DispatcherParts> = {}): Bench {
  const calls: string[] = [];
  const dispatcher = new Dispatcher({
    table: TABLE,
    create(name) {
      calls.push(`make ${name}`);
      return part(name, calls);
    },
    apply: (exports, name) => ({ ...(exports as object), patched: name }),
    providers,
    ...overrides,
  });
  return { dispatcher, calls, folder: writeFiles(t, PACKAGES) };
}

test('a file of the table is patched under the name instrumentations know it by', (t) => {
  const { dispatcher, folder } = createBench(t);
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {}), { patched: 'db' });
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/lib/client.js'), {}), {
    patched: 'db/lib/client.js',
  });
});

test('other files stay as they are, and no instrumentation is made for them', (t) => {
  const { dispatcher, calls, folder } = createBench(t);
  const exports = {};
  for (const file of [
    'node_modules/db/lib/other.js',
    'node_modules/log/index.js',
    'node_modules/else/index.js',
    'app.js',
  ])
    assert.equal(dispatcher.instrument(join(folder, file), exports), exports, file);
  assert.deepEqual(calls, []);
});

test('an instrumentation is made once and given the providers', (t) => {
  const { dispatcher, calls, folder } = createBench(t);
  dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {});
  dispatcher.instrument(join(folder, 'node_modules/db/lib/client.js'), {});
  assert.deepEqual(calls, ['make db', 'db tracers', 'db meters', 'db loggers']);
  assert.deepEqual(dispatcher.decisions.get('db')?.snapshot(), {
    name: 'db',
    source: 'duotel',
    state: 'active',
    modules: ['db@3.1.0', 'db/lib/client.js@3.1.0'],
  });
});

test('the main file is the one the package exports to require()', (t) => {
  const { dispatcher } = createBench(t);
  const folder = writeFiles(t, {
    'node_modules/db/package.json': manifest('db', '2.0.0', {
      exports: { '.': { import: './index.mjs', require: './dist/main.js' } },
    }),
    'node_modules/db/dist/main.js': '',
  });
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/dist/main.js'), {}), { patched: 'db' });
});

test('a version outside of the range is left alone and told', (t) => {
  const { dispatcher, calls } = createBench(t);
  const folder = writeFiles(t, {
    'node_modules/db/package.json': manifest('db', '4.0.0'),
    'node_modules/db/index.js': '',
  });
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {}), {});
  assert.deepEqual(calls, []);
  const { state, modules } = dispatcher.decisions.get('db')?.snapshot() ?? {};
  assert.deepEqual([state, modules], ['unsupported', ['db@4.0.0']]);
});

test('an instrumentation that cannot be made fails once and is not asked again', (t) => {
  let attempts = 0;
  const create = (): InstrumentationPart => {
    attempts += 1;
    throw new Error('no such thing');
  };
  const { dispatcher, folder } = createBench(t, { create });
  const exports = {};
  assert.equal(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), exports), exports);
  assert.equal(dispatcher.instrument(join(folder, 'node_modules/db/lib/client.js'), exports), exports);
  assert.equal(attempts, 1);
  assert.equal(dispatcher.decisions.get('db')?.state, 'failed');
  assert.deepEqual(degradations()['instrument.db'], { count: 1, lastError: 'no such thing' });
});

test('a patch that throws disables its instrumentation and leaves the exports alone', (t) => {
  const apply = (): never => {
    throw new Error('no such method');
  };
  const { dispatcher, calls, folder } = createBench(t, { apply });
  const exports = {};
  assert.equal(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), exports), exports);
  assert.equal(calls.at(-1), 'db disabled');
  assert.equal(dispatcher.wants('db'), false);
  assert.equal(dispatcher.wants('log'), true);
});

test('what the user has switched off is left alone, and can be switched on in the next run', (t) => {
  const { dispatcher, calls, folder } = createBench(t);
  dispatcher.choose(({ name }) => (name === 'db' ? 'disabled' : 'waiting'));
  assert.equal(dispatcher.wants('db'), false);
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {}), {});
  dispatcher.choose(() => 'waiting');
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {}), { patched: 'db' });
  dispatcher.choose(() => 'replaced');
  assert.equal(calls.at(-1), 'db disabled');
  dispatcher.choose(() => 'waiting');
  assert.equal(calls.at(-1), 'db enabled');
  assert.equal(dispatcher.decisions.get('db')?.state, 'active');
});

test('a file that ran before the hook is instrumented once and told apart', (t) => {
  const { dispatcher, folder } = createBench(t);
  const file = join(folder, 'node_modules/db/index.js');
  assert.deepEqual(dispatcher.instrumentEarly(file, {}), { exports: { patched: 'db' } });
  assert.equal(dispatcher.instrumentEarly(file, {}), undefined);
  assert.equal(dispatcher.instrumentEarly(join(folder, 'node_modules/db/lib/other.js'), {}), undefined);
  assert.equal(dispatcher.decisions.get('db')?.state, 'early');
});

test('the namespace of an ES module is patched as a copy', async (t) => {
  const { dispatcher } = createBench(t);
  const folder = writeFiles(t, {
    'node_modules/db/package.json': manifest('db', '2.0.0'),
    'node_modules/db/index.mjs': 'export const name = "db"; export default 1;',
  });
  const file = join(folder, 'node_modules/db/index.mjs');
  const namespace: unknown = await import(pathToFileURL(file).href);
  assert.deepEqual(dispatcher.instrument(file, namespace, true), { name: 'db', default: 1, patched: 'db' });
});

test('a package without a readable package.json is left alone, others are not', (t) => {
  const { dispatcher } = createBench(t);
  const folder = writeFiles(t, { 'node_modules/db/index.js': 'exports.ok = 1;' });
  const exports = createRequire(join(folder, 'x'))('./node_modules/db/index.js') as object;
  assert.equal(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), exports), exports);
  assert.equal(dispatcher.decisions.get('db')?.state, 'waiting');
});

test('a package without a version is in no range', (t) => {
  const { dispatcher } = createBench(t);
  const folder = writeFiles(t, {
    'node_modules/db/package.json': '{"main":"index.js"}',
    'node_modules/db/index.js': '',
  });
  assert.deepEqual(dispatcher.instrument(join(folder, 'node_modules/db/index.js'), {}), {});
  assert.equal(dispatcher.decisions.get('db')?.state, 'unsupported');
});
