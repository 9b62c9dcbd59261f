/**
 * The shape of the project, as tests: import rule, cycles, doors, start-up weight, size.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../src/core/version.ts';
import { ROOT } from '../tools/node-versions.mjs';

/** Bottom to top: a layer imports itself and the layers before it. Folders in one entry are peers. */
const LAYERS = [
  ['core'],
  ['config'],
  ['encode'],
  ['delivery'],
  ['traces', 'metrics', 'logs'],
  ['outputs'],
  ['request'],
  ['errors', 'instrument'],
  ['sentry'],
  ['run'],
];
/** Side branches and what they hang on. */
const BRANCHES: Record<string, readonly string[]> = { receiver: ['core', 'config', 'encode'] };

const SRC = join(ROOT, 'src');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  exports: Record<string, string | { types: string; default: string }>;
  dependencies?: Record<string, string>;
};
const files = globSync('src/**/*.ts', { cwd: ROOT }).map((file) => join(ROOT, file));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(/(?:from|import|load\(|import\()\s*'(\.[^']+)'/g)].map(
    (match) => match[1] as string,
  );
  return [...new Set(targets.map((target) => resolve(dirname(file), target)))];
}

function runtimeImportsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)'/gm)].map(
    (match) => match[1] as string,
  );
  return targets.map((target) => resolve(dirname(file), target));
}

const folderOf = (file: string): string => relative(SRC, file).split('/').slice(0, -1)[0] ?? 'doors';

test('imports point down, lazily loaded modules included', () => {
  const rank = new Map(LAYERS.flatMap((layer, index) => layer.map((folder) => [folder, index] as const)));
  const wrong: string[] = [];
  for (const file of files) {
    const from = folderOf(file);
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      const allowed =
        from === to ||
        from === 'doors' ||
        (BRANCHES[from]?.includes(to) ?? (rank.get(to) ?? Infinity) < (rank.get(from) ?? -1));
      if (!allowed) wrong.push(`${relative(ROOT, file)} imports ${relative(ROOT, target)}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('every folder of src has a place in the layers', () => {
  const known = new Set([...LAYERS.flat(), ...Object.keys(BRANCHES), 'doors']);
  assert.deepEqual(
    [...new Set(files.map(folderOf))].filter((folder) => !known.has(folder)),
    [],
  );
});

test('there are no import cycles', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    assert.notEqual(state.get(file), 'open', `cycle: ${[...path, file].map((f) => relative(ROOT, f)).join(' → ')}`);
    state.set(file, 'open');
    for (const target of runtimeImportsOf(file)) visit(target, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
});

test('the exports map is closed and each of its targets exists', () => {
  assert.deepEqual(Object.keys(manifest.exports), [
    '.',
    './register',
    './node-sdk',
    './sentry',
    './testing',
    './package.json',
  ]);
  for (const target of Object.values(manifest.exports)) {
    for (const path of typeof target === 'string' ? [target] : Object.values(target))
      assert.ok(existsSync(join(ROOT, path)), path);
  }
});

test('the version in the code is the version of the package', () => {
  assert.equal(VERSION, manifest.version);
});

test('the doors can be required: no top-level await anywhere', () => {
  const door = createRequire(import.meta.url)('../dist/index.js') as Record<string, unknown>;
  assert.deepEqual(Object.keys(door).sort(), [
    'captureError',
    'currentTraceUrl',
    'exit',
    'requestId',
    'setRequestContext',
    'start',
    'withSpan',
  ]);
});

test('nothing is installed beside the package but its peer', () => {
  assert.deepEqual(manifest.dependencies ?? {}, {});
});

test('the preload loads a handful of files, and no network module', () => {
  const script = `
    const seen = Object.keys(require.cache).filter((file) => file.includes('/dist/'));
    const heavy = ['http', 'https', 'http2', 'zlib', 'tls', 'cluster', 'child_process', 'dns'].filter((name) => process.moduleLoadList.includes('NativeModule ' + name));
    console.log(JSON.stringify({ files: seen.length, heavy }));`;
  const run = (args: string[]): { files: number; heavy: string[] } => {
    const child = spawnSync(process.execPath, [...args, '--eval', script], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    assert.equal(child.status, 0, child.stderr);
    return JSON.parse(child.stdout) as { files: number; heavy: string[] };
  };
  const [control, preloaded] = [run([]), run(['--import', './telemetry'])];
  assert.deepEqual(preloaded.heavy, control.heavy);
  assert.ok(preloaded.files > 0 && preloaded.files <= 16, `${preloaded.files} files loaded`);
});

test('the packed tarball is at most 1.5 MB', () => {
  const bytes = globSync('dist/**/*', { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  // Unpacked, which is stricter.
  assert.ok(bytes <= 1.5 * 1024 * 1024, `${bytes} bytes`);
});
