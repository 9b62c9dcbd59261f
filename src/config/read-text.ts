/**
 * Reads small text files: package.json, the configuration file, what containers tell about themselves.
 *
 * Layer: config.
 */
import { readFileSync } from 'node:fs';

/** Text of a file; `undefined` when it cannot be read. Never throws. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
