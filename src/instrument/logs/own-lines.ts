/**
 * Tells what the console prints for a logger from what the application prints itself.
 *
 * A logger may write through the console (a stream of the user, winston with `forceConsole`); its line is one record,
 * not two.
 * Layer: instrument. Shared by loggers and console.
 */

let depth = 0;

/** Runs what a logger does for one line. */
export function writeLine<T>(work: () => T): T {
  depth += 1;
  try {
    return work();
  } finally {
    depth -= 1;
  }
}

/** Whether a logger is at work on a line. */
export function isWritingLine(): boolean {
  return depth > 0;
}
