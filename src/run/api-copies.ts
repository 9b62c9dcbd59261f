/**
 * Finds the copies of `@opentelemetry/api` the application uses.
 *
 * Our bundle has a private copy, which saves 10 to 15 ms of start-up. Copies meet in one global object, but each
 * keeps proxies of its own for tracers made before any provider was there, and each refuses a global object that
 * claims an older version than its own (docs/explanation/api-copies.md).
 * Layer: run.
 */
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
  const main = resolveOrUndefined(require, API);
  if (main === undefined) return { loaded: commonJsCopies(require), installedVersion: undefined };
  const esm = early?.dependencies.has(API) && require.main === undefined ? esModuleCopy(require, main) : undefined;
  return { loaded: [...commonJsCopies(require), esm].filter(isPresent), installedVersion: packageVersion(main) };
}

function esModuleCopy(require: NodeJS.Require, main: string): ApiCopy | undefined {
  const file = main.replace(/index\.cjs$/, 'index.mjs');
  return file === main ? undefined : guard('api.esm', () => require(file) as ApiCopy, undefined);
}

function commonJsCopies(require: NodeJS.Require): ApiCopy[] {
  return Object.entries(require.cache)
    .filter(([file]) =>
      /[\\/]@opentelemetry[\\/]api[\\/](?:dist[\\/]index\.cjs|build[\\/]src[\\/]index\.js)$/.test(file),
    )
    .map(([, module]) => module?.exports as ApiCopy | undefined)
    .filter((copy) => copy?.trace !== undefined) as ApiCopy[];
}

function resolveOrUndefined(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** The API's `exports` hide its package.json, so it is found by walking up from the main file. */
function packageVersion(main: string): string | undefined {
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    const text = readText(join(folder, 'package.json'));
    const found = text === undefined ? undefined : (JSON.parse(text) as { name?: string; version?: string });
    if (found?.name === API) return found.version;
  }
  return undefined;
}
