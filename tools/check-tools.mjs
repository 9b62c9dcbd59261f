/**
 * Linter, formatter and package checks, installed into `tools/checks/node_modules` when first asked for.
 *
 * They are not among the project's own development dependencies, so that `npm ci && npm test` needs no native binaries
 * beyond those of the build.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNpm } from './node-versions.mjs';

const FOLDER = join(ROOT, 'tools/checks');

/** Where oxlint finds its type-aware half. */
export const TSGOLINT = join(FOLDER, 'node_modules/.bin/tsgolint');

/**
 * Folder of an installed check.
 *
 * @param {string} name - of the package
 * @throws Error if npm cannot install it
 */
export function checkTool(name) {
  const folder = join(FOLDER, 'node_modules', name);
  if (existsSync(folder)) return folder;
  process.stderr.write('Installing the checks into tools/checks (once) …\n');
  // Not `npm ci`: it refuses a lock without the binaries of platforms a registry does not carry.
  const npm = runNpm(['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER });
  if (npm.status !== 0) throw new Error(`npm could not install the checks:\n${npm.stderr}`);
  return folder;
}
