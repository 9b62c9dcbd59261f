/**
 * Checks what would be published: publint, attw, knip, and a strict type-check of a program that uses the tarball.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTool } from './check-tools.mjs';
import { ROOT, runNpm } from './node-versions.mjs';

const bin = (file: string): string => join(ROOT, 'node_modules', file);
const folder = mkdtempSync(join(tmpdir(), 'duotel-package-'));
try {
  const packed = runNpm(['pack', '--ignore-scripts', '--pack-destination', folder, '--json'], { cwd: ROOT });
  const tarball = join(folder, filenameOf(packed.stdout));
  run('knip', [join(checkTool('knip'), 'bin/knip.js')]);
  run('publint', [join(checkTool('publint'), 'src/cli.js'), 'run', tarball, '--strict']);
  run('attw', [join(checkTool('@arethetypeswrong/cli'), 'dist/index.js'), tarball, '--profile', 'esm-only']);
  checkConsumer(tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(name: string, args: string[], cwd = ROOT): void {
  console.log(`\n— ${name}`);
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${name} failed.`);
    process.exit(status ?? 1);
  }
}

/** npm 10 prints a list, npm 11 an object keyed by package. */
function filenameOf(json: string): string {
  const report = JSON.parse(json) as Record<string, { filename: string }>;
  const [first] = Object.values(report);
  if (first === undefined) throw new Error('npm pack reported no file.');
  return first.filename;
}

/** The declarations must hold under the strictest options, with nothing installed but the peer. */
function checkConsumer(tarball: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'duotel'), { recursive: true });
  spawnSync('tar', ['xzf', tarball, '-C', join(modules, 'duotel'), '--strip-components=1'], { stdio: 'inherit' });
  cpSync(bin('@opentelemetry/api'), join(modules, '@opentelemetry/api'), { recursive: true });
  cpSync(bin('@types/node'), join(modules, '@types/node'), { recursive: true });
  cpSync(bin('undici-types'), join(modules, 'undici-types'), { recursive: true });
  cpSync(join(ROOT, 'test/support/consumer.ts'), join(folder, 'consumer.ts'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const flags =
    '--strict --noEmit --target es2023 --module nodenext --exactOptionalPropertyTypes --noUncheckedIndexedAccess --types node';
  run('a consumer type-checks', [bin('typescript/bin/tsc'), ...flags.split(' '), 'consumer.ts'], folder);
}
