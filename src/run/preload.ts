/**
 * What the preload does beyond `start()`: tells which versions of Node.js are too old.
 *
 * Layer: run.
 */
import { notify } from '../core/notices.ts';
import { startPreload } from './start.ts';

/** Starts telemetry; in a Node.js that is not supported, with one line. */
export function startPreloaded(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 15)) {
    notify({
      code: 'DUOTEL_NODE_UNSUPPORTED',
      message: `Node.js ${process.versions.node} is not supported; telemetry runs as well as it can. Use 22.15 or newer.`,
    });
  }
  startPreload();
}
