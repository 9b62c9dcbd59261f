import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locateFile, moduleOf } from '../../../src/instrument/module-file.ts';

test('a file below node_modules is located in its package', () => {
  assert.deepEqual(locateFile('/app/node_modules/pg/lib/client.js'), {
    module: 'pg',
    folder: '/app/node_modules/pg',
    path: 'lib/client.js',
  });
  assert.deepEqual(locateFile('/app/node_modules/@redis/client/dist/index.js'), {
    module: '@redis/client',
    folder: '/app/node_modules/@redis/client',
    path: 'dist/index.js',
  });
});

test('the innermost node_modules decides, as with pnpm', () => {
  const file = '/app/node_modules/.pnpm/pg@8.0.0/node_modules/pg/lib/index.js';
  assert.equal(moduleOf(file), 'pg');
  assert.equal(locateFile(file)?.folder, '/app/node_modules/.pnpm/pg@8.0.0/node_modules/pg');
});

test('paths of Windows give the same names', () => {
  assert.deepEqual(locateFile('C:\\app\\node_modules\\@nestjs\\core\\router\\index.js'), {
    module: '@nestjs/core',
    folder: 'C:\\app\\node_modules\\@nestjs\\core',
    path: 'router/index.js',
  });
});

test('other files belong to no package', () => {
  const files = [
    '/app/index.js',
    '/app/my_node_modules/x/y.js',
    '/app/node_modules/x',
    '/node_modules/@scope/x',
    '.',
    '',
  ];
  for (const file of files) assert.equal(moduleOf(file), undefined, file);
});
