/**
 * Listens on a Unix socket: for its owner only, and over what a process that is gone has left behind.
 *
 * Layer: outputs. Loaded when the endpoint opens on a socket.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';

const OWNER_ONLY = 0o600;

/**
 * Starts to listen. Node binds sockets synchronously, so nobody is served before the mode is right.
 *
 * The mask of the process would be a switch of the whole process.
 */
export function listenOnSocket(server: Server, path: string): void {
  server.listen(path);
  if (server.listening) chmodSync(path, OWNER_ONLY);
}

/** Removes a socket nobody listens on. Resolves to whether the path is free now; never rejects. */
export function removeStaleSocket(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.unref();
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' && removeSocket(path)));
  });
}

/** A file that is no socket refuses connections as well; it is somebody's. */
function removeSocket(path: string): boolean {
  try {
    if (!lstatSync(path).isSocket()) return false;
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
