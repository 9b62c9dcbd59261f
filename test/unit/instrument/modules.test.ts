/** The pieces together, with packages that look like real ones. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { redirectNotices } from '../../../src/core/notices.ts';
import type { InstrumentationStatus } from '../../../src/instrument/decision.ts';
import { instrumentModules, type ModuleInstrumentation, type ModuleOptions } from '../../../src/instrument/modules.ts';
import { createTracerBinding, createTracerFacade } from '../../../src/traces/facade.ts';
import { createMeterBinding, createMeterFacade } from '../../../src/metrics/facade.ts';
import { createLoggerBinding, createLoggerFacade } from '../../../src/logs/facade.ts';
import { manifest, writeFiles } from './packages.ts';

const KNEX = `
exports.KnexInstrumentation = class {
  instrumentationName = '@opentelemetry/instrumentation-knex';
  setTracerProvider() {} setMeterProvider() {} getConfig() { return { enabled: true }; } enable() {} disable() {}
};`;

const PACKAGES = {
  'node_modules/knex/package.json': manifest('knex', '3.0.0'),
  'node_modules/knex/index.js': 'module.exports = { name: "knex" };',
  'node_modules/koa/package.json': manifest('koa', '1.0.0'),
  'node_modules/koa/index.js': 'module.exports = class {};',
  'node_modules/bunyan/package.json': manifest('bunyan', '9.0.0'),
  'node_modules/bunyan/index.js': 'module.exports = class {};',
  'node_modules/@opentelemetry/instrumentation-knex/package.json': manifest('x', '1.0.0'),
  'node_modules/@opentelemetry/instrumentation-knex/index.js': KNEX,
};

const providers = {
  trace: createTracerFacade(createTracerBinding()),
  metrics: createMeterFacade(createMeterBinding()),
  logs: createLoggerFacade(createLoggerBinding()),
};

function begin(t: TestContext, overrides: Partial<ModuleOptions> = {}): [ModuleInstrumentation, NodeJS.Require] {
  const folder = writeFiles(t, PACKAGES);
  const modules = instrumentModules({
    providers,
    isChosen: () => true,
    given: undefined,
    mainScript: join(folder, 'app.js'),
    workingDirectory: folder,
    isPreload: false,
    ...overrides,
  });
  t.after(() => modules.stop());
  return [modules, createRequire(join(folder, 'app.js'))];
}

function stateOf(modules: ModuleInstrumentation, name: string): InstrumentationStatus | undefined {
  return modules.status().find((each) => each.name === name);
}

test('everything waits until a module is loaded', (t) => {
  const [modules] = begin(t);
  assert.equal(modules.status().length, 17);
  assert.deepEqual([...new Set(modules.status().map(({ state }) => state))], ['waiting']);
});

test('an installed instrumentation is used when its module is loaded', (t) => {
  const [modules, requireFrom] = begin(t);
  assert.equal(stateOf(modules, 'knex'), undefined);
  assert.deepEqual(requireFrom('knex'), { name: 'knex' });
  assert.deepEqual(stateOf(modules, 'knex'), {
    name: 'knex',
    source: 'node_modules',
    state: 'active',
    modules: ['knex'],
  });
});

test('an installed instrumentation that is switched off is not made', (t) => {
  const [modules, requireFrom] = begin(t, { isChosen: (name) => name !== 'knex' });
  requireFrom('knex');
  assert.equal(stateOf(modules, 'knex')?.state, 'disabled');
});

test('one given to start() replaces the installed one and the one in the package', (t) => {
  const part = {
    instrumentationName: '@opentelemetry/instrumentation-koa',
    setTracerProvider: () => undefined,
    setMeterProvider: () => undefined,
    getConfig: () => ({ enabled: true }),
    enable: () => undefined,
    disable: () => undefined,
    getModuleDefinitions: () => [{ name: 'koa' }],
  };
  const [modules, requireFrom] = begin(t, {
    given: [
      part,
      { ...part, instrumentationName: '@opentelemetry/instrumentation-knex', getModuleDefinitions: undefined },
    ],
  });
  requireFrom('koa');
  requireFrom('knex');
  assert.equal(stateOf(modules, 'koa')?.state, 'replaced');
  assert.equal(stateOf(modules, 'knex'), undefined);
  assert.equal(stateOf(modules, '@opentelemetry/instrumentation-koa')?.state, 'active');
  assert.equal(stateOf(modules, '@opentelemetry/instrumentation-knex')?.state, 'on');
});

test('a module in a version that is not supported is told in the status', (t) => {
  const [modules, requireFrom] = begin(t);
  requireFrom('bunyan');
  assert.deepEqual(stateOf(modules, 'bunyan')?.modules, ['bunyan@9.0.0']);
  assert.equal(stateOf(modules, 'bunyan')?.state, 'unsupported');
});

test('after stop() modules are left alone', (t) => {
  const [modules, requireFrom] = begin(t);
  modules.stop();
  requireFrom('knex');
  assert.equal(stateOf(modules, 'knex'), undefined);
});

test('modules that were loaded too early are named once, in one line', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const folder = writeFiles(t, {
    'node_modules/koa/package.json': manifest('koa', '2.0.0'),
    'node_modules/koa/index.js': 'module.exports = class { use() {} };',
    'node_modules/winston/package.json': manifest('winston', '9.0.0'),
    'node_modules/winston/index.js': '',
  });
  const requireFrom = createRequire(join(folder, 'app.js'));
  requireFrom('koa');
  requireFrom('winston');
  const options = { mainScript: join(folder, 'app.js'), workingDirectory: folder };
  const [modules] = begin(t, options);
  modules.stop();
  const [again] = begin(t, options);
  assert.equal(stateOf(again, 'koa')?.state, 'early');
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^DUOTEL_MODULES_EARLY koa: loaded before telemetry started/);
});
