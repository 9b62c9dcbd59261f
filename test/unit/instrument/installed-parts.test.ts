import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findInstalled } from '../../../src/instrument/installed-parts.ts';
import { manifest, writeFiles } from './packages.ts';

const CODE = `
exports.helper = class Helper {};
exports.KnexInstrumentation = class { enable() {} setTracerProvider() {} get instrumentationName() { return 'knex'; } };`;

test('instrumentations are found by name, in all folders above the program', (t) => {
  const folder = writeFiles(t, {
    'node_modules/@opentelemetry/instrumentation-hapi/package.json': '{}',
    'node_modules/@opentelemetry/api/package.json': '{}',
    'packages/app/node_modules/@opentelemetry/instrumentation-knex/package.json': '{}',
  });
  const found = findInstalled(join(folder, 'packages/app/dist'), new Set());
  assert.deepEqual(
    found.map(({ name, module }) => [name, module]),
    [
      ['knex', 'knex'],
      ['hapi', '@hapi/hapi'],
    ],
  );
});

test('those this package replaces are not among them', (t) => {
  const folder = writeFiles(t, {
    'node_modules/@opentelemetry/instrumentation-pg/package.json': '{}',
    'node_modules/@opentelemetry/instrumentation-undici/package.json': '{}',
    'node_modules/@opentelemetry/instrumentation-fastify/package.json': '{}',
  });
  assert.deepEqual(findInstalled(folder, new Set(['pg'])), []);
});

test('one is made from the class its package exports', (t) => {
  const folder = writeFiles(t, {
    'node_modules/@opentelemetry/instrumentation-knex/package.json': manifest('x', '1.0.0'),
    'node_modules/@opentelemetry/instrumentation-knex/index.js': CODE,
    'node_modules/@opentelemetry/instrumentation-odd/package.json': manifest('y', '1.0.0'),
    'node_modules/@opentelemetry/instrumentation-odd/index.js': 'exports.create = () => undefined;',
  });
  const [knex, odd] = findInstalled(folder, new Set());
  assert.equal(knex?.create().instrumentationName, 'knex');
  assert.throws(() => odd?.create(), /instrumentation-odd exports no instrumentation/);
});
