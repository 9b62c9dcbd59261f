import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooling } from '../../../src/run/tooling.ts';

test('T24 package managers and build tools are recognised by the path of their program', () => {
  const tools = [
    '/usr/local/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/local/lib/node_modules/npm/bin/npx-cli.js',
    '/usr/lib/node_modules/corepack/dist/pnpm.js',
    '/srv/app/node_modules/.bin/tsc',
    '/srv/app/node_modules/typescript/bin/tsc',
    '/srv/app/node_modules/esbuild/install.js',
    'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js',
    '/usr/local/bin/yarn',
  ];
  for (const entry of tools) assert.equal(isTooling(entry), true, entry);
});

test('T24 applications are not tools, whatever their folders are called', () => {
  const applications = [
    '/srv/app/server.js',
    '/srv/npm/server.js',
    '/srv/vite.js',
    '/srv/app/node_modules/@acme/cli/main.js',
    '/srv/tsc/index.js',
    undefined,
  ];
  for (const entry of applications) assert.equal(isTooling(entry), false, entry);
});
