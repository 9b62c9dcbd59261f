import assert from 'node:assert/strict';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { degradations } from '../../../src/core/guard.ts';
import { hookModules, type ModuleListener } from '../../../src/instrument/module-hook.ts';
import { writeFiles } from './packages.ts';

function hook(t: TestContext, onLoaded: ModuleListener['onLoaded'], folder: string): void {
  t.after(hookModules({ isAwaited: (file) => file.startsWith(folder), onLoaded }));
}

test('a module is announced when its code has run, with its exports', (t) => {
  const folder = writeFiles(t, { 'a.js': 'exports.one = 1; require("./b.js");', 'b.js': 'exports.two = 2;' });
  const seen: unknown[] = [];
  hook(t, (module, file) => seen.push([file, { ...(module.exports as object) }]), folder);
  createRequire(join(folder, 'x'))('./a.js');
  assert.deepEqual(seen, [
    [join(folder, 'b.js'), { two: 2 }],
    [join(folder, 'a.js'), { one: 1 }],
  ]);
});

test('replaced exports reach require() and import', async (t) => {
  const folder = writeFiles(t, { 'a.cjs': 'exports.name = "a";', 'b.js': 'exports.name = "b";' });
  hook(t, (module) => (module.exports = { name: `patched ${(module.exports as { name: string }).name}` }), folder);
  assert.deepEqual(createRequire(join(folder, 'x'))('./a.cjs'), { name: 'patched a' });
  const imported = (await import(pathToFileURL(join(folder, 'b.js')).href)) as { name: string; default: object };
  assert.equal(imported.name, 'patched b');
  assert.deepEqual(imported.default, { name: 'patched b' });
});

test('a module looks the same with the hook as without', (t) => {
  const folder = writeFiles(t, { 'a.js': 'exports.before = module.loaded; exports.module = module;' });
  const describe = (file: string): unknown => {
    const requireFrom = createRequire(join(folder, 'x'));
    delete requireFrom.cache[join(folder, file)];
    const { before, module } = requireFrom(`./${file}`) as { before: boolean; module: NodeModule };
    return [before, Object.keys(module), Object.getOwnPropertyDescriptor(module, 'loaded')];
  };
  const without = describe('a.js');
  hook(t, () => undefined, folder);
  assert.deepEqual(describe('a.js'), without);
});

test('the hook is not in the stack traces of modules', (t) => {
  const folder = writeFiles(t, { 'a.js': 'exports.stack = new Error().stack;' });
  hook(t, () => undefined, folder);
  const { stack } = createRequire(join(folder, 'x'))('./a.js') as { stack: string };
  assert.doesNotMatch(stack, /src.instrument.module-hook/);
});

test('a module that throws is not announced, and loads when its code has been repaired', (t) => {
  const folder = writeFiles(t, { 'a.js': 'if (globalThis.isBroken) throw new Error("broken"); exports.ok = 1;' });
  const seen: string[] = [];
  hook(t, (_, file) => seen.push(file), folder);
  const requireFrom = createRequire(join(folder, 'x'));
  (globalThis as { isBroken?: boolean }).isBroken = true;
  assert.throws(() => requireFrom('./a.js'), /broken/);
  assert.deepEqual(seen, []);
  (globalThis as { isBroken?: boolean }).isBroken = false;
  assert.deepEqual(requireFrom('./a.js'), { ok: 1 });
  assert.deepEqual(seen, [join(folder, 'a.js')]);
});

test('a listener that throws costs itself only', (t) => {
  const folder = writeFiles(t, { 'a.js': 'exports.ok = 1;', 'b.js': 'exports.ok = 2;' });
  t.after(
    hookModules({
      isAwaited(file) {
        if (file.endsWith('b.js')) throw new Error('not today');
        return file.startsWith(folder);
      },
      onLoaded() {
        throw new Error('not today');
      },
    }),
  );
  const requireFrom = createRequire(join(folder, 'x'));
  assert.deepEqual([requireFrom('./a.js'), requireFrom('./b.js')], [{ ok: 1 }, { ok: 2 }]);
  assert.equal(degradations()['instrument.hook']?.count, 2);
});

test('nothing is left when the hook is taken away', (t) => {
  const folder = writeFiles(t, { 'a.js': 'exports.ok = 1;' });
  const seen: string[] = [];
  hookModules({ isAwaited: () => true, onLoaded: (_, file) => seen.push(file) })();
  assert.equal('loaded' in Module.prototype, false);
  createRequire(join(folder, 'x'))('./a.js');
  assert.deepEqual(seen, []);
});
