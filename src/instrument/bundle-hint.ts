/**
 * Tells once when a bundler has put modules where they cannot be instrumented.
 *
 * Layer: instrument.
 */
import { createRequire } from 'node:module';
import { notify } from '../core/notices.ts';
import type * as BundledModules from './bundled-modules.ts';
import type { Dispatcher } from './dispatcher.ts';
import { moduleOf } from './module-file.ts';

const load = createRequire(import.meta.url);

/** How long a program runs before its main file is searched. Shorter ones get no hint. */
const HINT_AFTER_MILLIS = 1000;

/**
 * Searches the program's main file when it has run for a moment; keeps no program alive.
 *
 * @param mainScript - absolute path; `undefined` in a REPL and for `node -e`
 * @returns takes the search back
 */
export function hintAtBundle(mainScript: string | undefined, dispatcher: Dispatcher): () => void {
  if (mainScript === undefined || moduleOf(mainScript) !== undefined) return () => undefined;
  const timer = setTimeout(() => {
    const { findBundledModules } = load('./bundled-modules.ts') as typeof BundledModules;
    findBundledModules(mainScript, dispatcher.waiting(), (names) => {
      for (const name of names) dispatcher.markBundled(name);
      notify({
        code: 'DUOTEL_MODULES_BUNDLED',
        message: `${names.join(', ')}: inside the bundled main file, which hooks cannot reach, so not instrumented. Declare it external in the bundler, so that it is loaded from node_modules. HTTP, fetch and telemetry of your own work.`,
        key: 'main',
      });
    });
  }, HINT_AFTER_MILLIS);
  timer.unref();
  return () => clearTimeout(timer);
}
