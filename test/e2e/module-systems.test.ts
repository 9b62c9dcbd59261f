/**
 * The commands of docs/guides/module-systems.md: TypeScript loaders that the matrix does not have, and bundlers with and
 * without what is instrumented inside (T36).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test, type TestContext } from 'node:test';
import { ROOT } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, temporaryFolder, suiteOwner } from '../support/backends.ts';
import { FRAMEWORKS, type Framework, frameworkSource, HTTP_SPANS } from '../support/framework-apps.ts';
import { compareWithControl, startUpstream } from '../support/framework-run.ts';

const GUIDE = readFileSync(join(ROOT, 'docs/guides/module-systems.md'), 'utf8');

const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  'express@5',
  'tsx@4',
  'ts-node@10',
  'typescript@5',
  '@swc-node/register@1',
  '@swc/core@1',
  'esbuild@0.28.2',
  'webpack@5',
  'webpack-cli@7',
];

const TS_CONFIG = {
  compilerOptions: { module: 'commonjs', moduleResolution: 'node10', target: 'es2022', esModuleInterop: true },
};

const EXPRESS = FRAMEWORKS['express 5'] as Framework;

/** Programs of the guide, as they are started. */
const PROGRAMS = matches(/`(node --(?:import|require) duotel\/register .*app\.\w+)`/g);
/** Two preloads by `--import` change places. */
const IN_OTHER_ORDER = PROGRAMS.flatMap((command) => {
  const [, first, second] = /--import (\S+) --import (\S+)/.exec(command) ?? [];
  return first === undefined ? [] : command.replace(/(--import \S+ ){2}/, `--import ${second} --import ${first} `);
});
/** Its bundlers, as they are called. */
const BUNDLERS = matches(/^npx .*$/gm);
const WEBPACK_CONFIG = matches(/```js\n(\/\/ webpack\.config\.cjs\n[^`]*)```/g).join('');

function matches(pattern: RegExp): string[] {
  return [...GUIDE.matchAll(pattern)].map(([all, part]) => part ?? all);
}

suite('module systems', { concurrency: 2 }, () => {
  let folder = '';
  let upstream = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
    upstream = await startUpstream(owner);
    const source = frameworkSource(folder, EXPRESS, 'fetch', false);
    write('app.mjs', source);
    write('app.mts', `// @ts-nocheck\nconst answer: number = 42; void answer;\n${source}`);
    write('app.ts', `// @ts-nocheck\nenum Colour { Red }\nvoid Colour.Red;\n${source}`);
    write('tsconfig.json', JSON.stringify(TS_CONFIG));
  });

  function write(file: string, text: string): void {
    writeFileSync(join(folder, file), text);
  }

  /** Runs a program of the guide, `node [the preload] …`, with the preload and without it. */
  async function compare(t: TestContext, command: string, bundled?: string): Promise<void> {
    const [, ...args] = command.split(' ');
    await compareWithControl(t, {
      node: process.execPath,
      args,
      controlArgs: command
        .replace(/--(import|require) duotel\/register /, '')
        .split(' ')
        .slice(1),
      cwd: folder,
      upstream,
      spans: bundled === undefined ? EXPRESS.spans : HTTP_SPANS,
      ...(bundled === undefined ? {} : { bundled }),
    });
  }

  /** Runs a bundler of the guide. Returns the name of the bundle. */
  function bundle(command: string, cwd = folder): string {
    const [, name = '', ...args] = command.split(' ');
    const env = cleanEnvironment({ PATH: `${dirname(process.execPath)}:${process.env['PATH']}` });
    const script = join(folder, 'node_modules/.bin', name);
    const { status, stdout, stderr } = spawnSync(script, args, { cwd, encoding: 'utf8', env });
    assert.equal(status, 0, stdout + stderr);
    return /--outfile=(\S+)/.exec(command)?.[1] ?? 'app.webpack.cjs';
  }

  test('the guide has the commands this file is about', () => {
    assert.deepEqual([PROGRAMS.length, BUNDLERS.length], [6, 4]);
  });

  for (const command of [...PROGRAMS, ...IN_OTHER_ORDER])
    test(`${command}: spans, stderr of the control`, (t) => compare(t, command));

  for (const command of BUNDLERS) {
    test(`${command}: spans, stderr of the control`, async (t) => {
      write('webpack.config.cjs', WEBPACK_CONFIG);
      await compare(t, `node --import duotel/register ${bundle(command)}`);
    });
  }

  test('express inside a bundle of webpack: HTTP spans and one hint', async (t) => {
    const config = WEBPACK_CONFIG.replace(/^ *externals: .*\n/m, '').replace('app.webpack', 'app.inside');
    write('webpack.inside.cjs', config);
    bundle('npx webpack --config webpack.inside.cjs');
    await compare(t, 'node --import duotel/register app.inside.cjs', 'express');
  });

  test('express inside an ES module of esbuild: HTTP spans and one hint', async (t) => {
    const options = '--bundle --platform=node --format=esm --minify --outfile=app.inside.mjs';
    // Without it, esbuild's output cannot require() what Node.js brings.
    const banner = `--banner:js=import\t{createRequire}\tfrom'node:module';const\trequire=createRequire(import.meta.url);`;
    const file = bundle(`npx esbuild app.mjs ${options} ${banner}`);
    await compare(t, `node --import duotel/register ${file}`, 'express');
  });

  for (const [file, command] of [
    ['app.bundle.cjs', 'npx esbuild app.mjs --bundle --platform=node --outfile=app.bundle.cjs'],
    ['app.webpack.cjs', 'npx webpack --config webpack.config.cjs'],
  ] as const) {
    test(`duotel in ${file}, which has moved since, is the one of the preload`, async (t) => {
      const built = await temporaryFolder(t);
      const moved = `${built}-moved`;
      t.after(() => rmSync(moved, { recursive: true, force: true }));
      cpSync(join(folder, 'node_modules/duotel'), join(built, 'node_modules/duotel'), { recursive: true });
      writeFileSync(join(built, 'app.mjs'), WITH_DUOTEL);
      writeFileSync(join(built, 'webpack.config.cjs'), WEBPACK_CONFIG);
      bundle(command, built);
      renameSync(built, moved);
      const running = launch(t, process.execPath, ['--import', 'duotel/register', file], {
        cwd: moved,
        env: cleanEnvironment({ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }),
      });
      assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
      assert.equal(running.stdout(), 'string\n');
    });
  }
});

/** Prints the type of the request id of a request to itself, which only the preload's instance knows. */
const WITH_DUOTEL = `
import { createServer } from 'node:http';
import { requestId } from 'duotel';
const server = createServer((request, response) => response.end(typeof requestId()));
server.listen(0, '127.0.0.1', async () => {
  console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
  server.close();
  server.closeAllConnections();
});
`;
