import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findBundledModules } from '../../../src/instrument/bundled-modules.ts';
import { TABLE } from '../../../src/instrument/table.ts';
import { writeFiles } from './packages.ts';

const FILLER = `// ${'x'.repeat(40 * 1024)}\n`;
const EXPRESS = TABLE.find(({ name }) => name === 'express')?.targets[0]?.mark ?? '';

function find(file: string): Promise<string[]> {
  return new Promise((resolve) => {
    findBundledModules(file, TABLE, resolve);
    setTimeout(resolve, 300, []);
  });
}

test('a module is found in a large main file by its mark', async (t) => {
  const folder = writeFiles(t, { 'bundle.js': `${FILLER}throw new TypeError("${EXPRESS}")` });
  assert.deepEqual(await find(join(folder, 'bundle.js')), ['express']);
});

test('a small file is no bundle', async (t) => {
  const folder = writeFiles(t, { 'app.js': `// ${EXPRESS}` });
  assert.deepEqual(await find(join(folder, 'app.js')), []);
});

test('a main file without marks, a folder and a missing file give no hint', async (t) => {
  const folder = writeFiles(t, { 'bundle.js': FILLER });
  for (const file of [join(folder, 'bundle.js'), folder, join(folder, 'missing.js')])
    assert.deepEqual(await find(file), []);
});
