import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findApplicationPackage } from '../../../src/config/application-package.ts';
import type { ResourceConfig } from '../../../src/config/config.ts';
import { resolveServiceName } from '../../../src/config/service-name.ts';

function config(serviceName?: string, attributes: Readonly<Record<string, string>> = {}): ResourceConfig {
  return { serviceName, serviceVersion: undefined, environment: 'production', release: undefined, attributes };
}

suite('order', () => {
  test('the configured name wins', () => {
    const attributes = { 'service.name': 'from-attributes' };
    const { name, origin, issues } = resolveServiceName(config('configured', attributes), 'package', 'platform');
    assert.deepEqual({ name, origin, issues }, { name: 'configured', origin: 'configuration', issues: [] });
  });

  test('service.name among the attributes comes before package.json', () => {
    assert.equal(resolveServiceName(config(undefined, { 'service.name': 'attr' }), 'package', 'platform').name, 'attr');
  });

  test('package.json comes before the name the platform has', () => {
    assert.equal(resolveServiceName(config(' '), 'package', 'platform').origin, 'package.json');
    assert.equal(resolveServiceName(config(), undefined, 'platform').origin, 'platform');
  });

  test('without any name the specified one is used and one issue names the remedy', () => {
    const { name, origin, issues } = resolveServiceName(config(), undefined, undefined);
    assert.deepEqual([name, origin, issues.length], ['unknown_service:node', 'default', 1]);
    assert.equal(issues[0]?.code, 'DUOTEL_SERVICE_UNNAMED');
    assert.equal(issues[0]?.severity, 'notice');
    assert.match(issues[0]?.message ?? '', /Set OTEL_SERVICE_NAME/);
  });
});

suite('package.json of the application', () => {
  const APP = '{"name":"@acme/shop","version":"1.0.0"}';
  const TYPE_ONLY = '{"type":"module"}';
  interface Case {
    readonly files: Readonly<Record<string, string>>;
    readonly script?: string;
    readonly cwd?: string;
    readonly name: string | undefined;
    readonly entry?: string;
  }
  const cases: Readonly<Record<string, Case>> = {
    'the nearest one above the script, with its scope': {
      files: { '/srv/package.json': '{"name":"root"}', '/srv/api/package.json': APP },
      script: '/srv/api/dist/server.js',
      name: '@acme/shop',
      entry: 'dist/server.js',
    },
    'a folder as main script (`node .`) gives the one in it': {
      files: { '/srv/package.json': '{"name":"root"}', '/srv/api/package.json': APP },
      script: '/srv/api',
      name: '@acme/shop',
      entry: '',
    },
    'a nameless one of a build folder is passed by': {
      files: { '/srv/dist/package.json': TYPE_ONLY, '/srv/package.json': APP },
      script: '/srv/dist/server.js',
      name: '@acme/shop',
      entry: 'dist/server.js',
    },
    'a broken one is passed by': {
      files: { '/srv/api/package.json': '{"name": "broken', '/srv/package.json': APP },
      script: '/srv/api/server.js',
      name: '@acme/shop',
      entry: 'api/server.js',
    },
    'one with a byte order mark is read': {
      files: { '/srv/package.json': `\uFEFF${APP}` },
      script: '/srv/server.js',
      name: '@acme/shop',
      entry: 'server.js',
    },
    'a tool in node_modules gives the project it is installed in': {
      files: { '/srv/package.json': APP, '/srv/node_modules/next/package.json': '{"name":"next"}' },
      script: '/srv/node_modules/next/dist/bin/next',
      name: '@acme/shop',
      entry: 'node_modules/next/dist/bin/next',
    },
    'a tool deep below other packages gives the outermost project': {
      files: {
        '/srv/package.json': APP,
        '/srv/node_modules/.pnpm/tsx@4/node_modules/tsx/package.json': '{"name":"tsx"}',
      },
      script: '/srv/node_modules/.pnpm/tsx@4/node_modules/tsx/dist/cli.mjs',
      name: '@acme/shop',
    },
    'a global tool gives the project it was started in': {
      files: { '/home/u/shop/package.json': APP, '/usr/lib/node_modules/pm2/package.json': '{"name":"pm2"}' },
      script: '/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js',
      cwd: '/home/u/shop',
      name: '@acme/shop',
    },
    'an installed program that depends on this package is the application': {
      files: {
        '/home/u/shop/package.json': APP,
        '/usr/lib/node_modules/mycli/package.json': '{"name":"mycli","dependencies":{"duotel":"^1"}}',
      },
      script: '/usr/lib/node_modules/mycli/bin/cli.js',
      cwd: '/home/u/shop',
      name: 'mycli',
      entry: 'bin/cli.js',
    },
    'node -e gives the project it was started in': {
      files: { '/srv/package.json': APP },
      cwd: '/srv/scripts',
      name: '@acme/shop',
    },
    'an argument that is no script is not looked for': {
      files: { '/srv/package.json': APP },
      script: 'argument-of-node-e',
      cwd: '/srv',
      name: '@acme/shop',
    },
    'a script outside of any package has no name, whatever project it was started in': {
      files: { '/srv/package.json': APP },
      script: '/opt/tools/job.js',
      cwd: '/srv',
      name: undefined,
      entry: 'job.js',
    },
  };
  for (const [what, { files, script, cwd = '/', name, entry }] of Object.entries(cases)) {
    test(what, () => {
      const found = findApplicationPackage(script, cwd, (path) => files[path]);
      assert.equal(found.name, name);
      if (entry !== undefined) assert.equal(found.entry, entry);
    });
  }
});
