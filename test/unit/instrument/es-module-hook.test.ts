import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { degradations } from '../../../src/core/guard.ts';
import { hookEsModules } from '../../../src/instrument/es-module-hook.ts';
import { manifest, writeFiles } from './packages.ts';

const DUAL = { exports: { '.': { import: './index.mjs', require: './index.js' } } };

function hook(t: TestContext, ...modules: string[]): string[] {
  const seen: string[] = [];
  const onLoaded = (file: string, namespace: object): void => {
    seen.push(file);
    const { Client } = namespace as { Client?: { prototype: { call(): string } } };
    if (Client !== undefined) Client.prototype.call = () => 'patched';
  };
  t.after(hookEsModules({ modules, onLoaded }));
  return seen;
}

function app(t: TestContext, index: string): string {
  return writeFiles(t, {
    'node_modules/ai/package.json': manifest('ai', '1.0.0', DUAL),
    'node_modules/ai/index.mjs': index,
    'node_modules/ai/index.js': 'exports.Client = class { call() { return "plain"; } };',
    'app.mjs': 'import { Client } from "ai"; import "ai"; export const answer = new Client().call();',
    'app.cjs': 'exports.answer = new (require("ai").Client)().call();',
  });
}

const INDEX = 'export class Client { call() { return "plain"; } }';

test('a class of an ES module is changed before the importing code runs, once', async (t) => {
  const folder = app(t, INDEX);
  const seen = hook(t, 'ai');
  const { answer } = (await import(pathToFileURL(join(folder, 'app.mjs')).href)) as { answer: string };
  assert.equal(answer, 'patched');
  assert.deepEqual(seen, [join(folder, 'node_modules/ai/index.mjs')]);
});

test('require() of the same package is left to the other hook', (t) => {
  const folder = app(t, INDEX);
  const seen = hook(t, 'ai');
  const { answer } = createRequire(join(folder, 'x'))('./app.cjs') as { answer: string };
  assert.deepEqual([answer, seen], ['plain', []]);
});

test('a module with top-level await loads uninstrumented, and is counted', async (t) => {
  const folder = app(t, `await 0; ${INDEX}`);
  const seen = hook(t, 'ai');
  const { answer } = (await import(pathToFileURL(join(folder, 'app.mjs')).href)) as { answer: string };
  assert.deepEqual([answer, seen], ['plain', []]);
  assert.equal(degradations()['instrument.ai']?.count, 1);
});

test('a module that cannot be resolved fails as it does without the hook', async (t) => {
  const folder = writeFiles(t, { 'app.mjs': 'import "ai";' });
  hook(t, 'ai');
  await assert.rejects(import(pathToFileURL(join(folder, 'app.mjs')).href), { code: 'ERR_MODULE_NOT_FOUND' });
});

test('the hook prints nothing', (t) => {
  const folder = app(t, INDEX);
  const source = pathToFileURL(join(import.meta.dirname, '../../../src/instrument/es-module-hook.ts')).href;
  const code = `import { hookEsModules } from ${JSON.stringify(source)}; hookEsModules({ modules: ['ai'], onLoaded() { console.log('seen'); } });`;
  const preload = `data:text/javascript,${encodeURIComponent(code)}`;
  const child = spawnSync(process.execPath, ['--import', preload, join(folder, 'app.mjs')], { encoding: 'utf8' });
  assert.deepEqual([child.stdout, child.stderr], ['seen\n', '']);
});
