/**
 * Finds modules that a bundler has put into the application's own file, where no hook can reach them.
 *
 * Layer: instrument. Loaded when the program has been running for a moment.
 */
import { readFile, stat } from 'node:fs';
import type { Row } from './table.ts';

/** Smaller files are no bundle of anything in the table. */
const MIN_BYTES = 32 * 1024;
/** Larger files are not searched: it would take longer than the hint is worth. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Searches a program's main file for modules of the table.
 *
 * @param found - called with their names, unless there are none or the file cannot be read
 */
export function findBundledModules(mainScript: string, table: readonly Row[], found: (names: string[]) => void): void {
  stat(mainScript, (error, stats) => {
    if (error !== null || !stats.isFile() || stats.size < MIN_BYTES || stats.size > MAX_BYTES) return;
    readFile(mainScript, 'latin1', (failure, text) => {
      if (failure !== null) return;
      const names = table
        .flatMap(({ targets }) => targets)
        .filter(({ mark }) => mark !== undefined && text.includes(mark));
      if (names.length > 0) found(names.map(({ module }) => module));
    });
  });
}
