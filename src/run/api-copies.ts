/**
 * Finds the copies of `@opentelemetry/api` the application uses.
 *
 * Our bundle has a private copy, which saves 10 to 15 ms of start-up. Copies meet in one global object, but each
 * keeps proxies of its own for tracers made before any provider was there, and each refuses a global object that
 * claims an older version than its own (docs/explanation/api-copies.md).
 * Layer: run.
 */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { guard } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import type { ApplicationPackage } from '../config/application-package.ts';
import { readText } from '../config/read-text.ts';
import type { ApiCopy } from './globals.ts';

/** What is known about the application's copies. */
export interface ApiCopies {
  /** Copies that are loaded, or will be for certain. */
  readonly loaded: readonly ApiCopy[];
  /** Version of the copy the application's code resolves to; `undefined` if it has none. */
  readonly installedVersion: string | undefined;
}

const API = '@opentelemetry/api';

/**
 * Looks at the module cache and at the application's own installation.
 *
 * The module cache does not tell whether the ES module copy of the API is loaded. If the application's code may have run
 * already, is an ES module and names the API in its package.json, it is, so asking for it costs nothing extra.
 *
 * @param entry - the program's main file
 * @param early - the application, if its code may have made tracers already; `undefined` in the preload
 */
export function findApiCopies(entry: string, early: ApplicationPackage | undefined): ApiCopies {
  const require = createRequire(entry);
  const installed = findInstalled(dirname(entry));
  const isEarly = early !== undefined && early.dependencies.has(API) && require.main === undefined;
  const esm = installed !== undefined && isEarly ? esModuleCopy(require, installed.folder) : undefined;
  return { loaded: [...commonJsCopies(require), esm].filter(isPresent), installedVersion: installed?.version };
}

function commonJsCopies(require: NodeJS.Require): ApiCopy[] {
  return Object.keys(require.cache)
    .filter((file) => /[\\/]@opentelemetry[\\/]api[\\/](?:dist[\\/]index\.cjs|build[\\/]src[\\/]index\.js)$/.test(file))
    .map((file) => require.cache[file]?.exports as ApiCopy | undefined)
    .filter(isPresent)
    .filter((copy) => (copy as Partial<ApiCopy>).trace !== undefined);
}

/** Only API 1.10 and newer have one; before, `import` gives the CommonJS copy. */
function esModuleCopy(require: NodeJS.Require, folder: string): ApiCopy | undefined {
  const file = join(folder, 'dist/index.mjs');
  return existsSync(file) ? guard('api.esm', () => require(file) as ApiCopy, undefined) : undefined;
}

/** Walks up as Node.js does; resolving the package costs three times as much, and its `exports` hide the version. */
function findInstalled(start: string): { readonly folder: string; readonly version: string } | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', API);
    const text = readText(join(candidate, 'package.json'));
    if (text !== undefined)
      return { folder: realpathSync(candidate), version: (JSON.parse(text) as { version: string }).version };
    if (folder === dirname(folder)) return undefined;
  }
}
