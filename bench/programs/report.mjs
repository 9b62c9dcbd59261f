/** Hands one measurement to the bench that started this process: one marked line on stdout, written at once. */
import { writeSync } from 'node:fs';

/** Small measurements only: more than a pipe holds (64 KiB) would be cut. */
export function report(measurement) {
  writeSync(1, `bench:${JSON.stringify({ ...measurement, files: globalThis.benchFiles })}\n`);
}
