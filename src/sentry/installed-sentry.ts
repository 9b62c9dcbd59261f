/**
 * Finds the copy of `@sentry/node` that a program uses, in the module format it uses it in.
 *
 * Layer: sentry. Loaded when a program first uses Sentry.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as Sentry from '@sentry/node';

/** The part of the package that is used. */
export type SentryPackage = typeof Sentry;

/** Lines and versions this package works with. */
const MAJOR = '11';

export type FoundSentry =
  | { readonly status: 'found'; readonly sentry: SentryPackage }
  | { readonly status: 'unsupported'; readonly version: string }
  /** In no place it can be loaded from: bundled into the application, or not Sentry at all. */
  | { readonly status: 'missing' };

/**
 * @param stack - of the call that touched Sentry; its files say which of several copies is meant
 * @param mainScript - of the process; looked at when the stack says nothing
 */
export function findSentry(stack: string, mainScript: string | undefined): FoundSentry {
  const files = [...filesOf(stack), ...(mainScript === undefined ? [] : [mainScript])];
  for (const file of files) {
    const sentry = loadFrom(file, stack);
    if (sentry === undefined) continue;
    const { SDK_VERSION: version } = sentry;
    return version.split('.')[0] === MAJOR ? { status: 'found', sentry } : { status: 'unsupported', version };
  }
  return { status: 'missing' };
}

/** Sentry's own files first, then those that called it. */
function filesOf(stack: string): readonly string[] {
  const places = [...stack.matchAll(/(?:\(|at )((?:file:\/\/|\/|[A-Za-z]:\\)[^()\n]+?):\d+:\d+\)?$/gm)];
  const files = places.map(([, place = '']) => (place.startsWith('file:') ? fileURLToPath(place) : place));
  return [...files.filter(isSentry), ...files.filter((file) => !isSentry(file))];
}

function isSentry(file: string): boolean {
  return /[\\/]@sentry[\\/]/.test(file);
}

function loadFrom(file: string, stack: string): SentryPackage | undefined {
  try {
    const require = createRequire(file);
    const path = require.resolve('@sentry/node');
    // Each format is a copy of its own; the program's is the one in the stack, or the one that is loaded already.
    const isCommonJs = stack.includes('@sentry') ? !/[\\/]build[\\/]esm[\\/]/.test(stack) : path in require.cache;
    return loadFormat(require, path, isCommonJs);
  } catch {
    return undefined;
  }
}

function loadFormat(require: NodeJS.Require, path: string, isCommonJs: boolean): SentryPackage {
  if (isCommonJs) return require(path) as SentryPackage;
  try {
    return require(path.replace(/([\\/])build([\\/])cjs([\\/])/, '$1build$2esm$3')) as SentryPackage;
  } catch {
    return require(path) as SentryPackage;
  }
}
