/**
 * Lets a socket not hold the process.
 *
 * Layer: delivery.
 */
import type { Socket } from 'node:net';

/** A socket that tries several addresses makes a new handle for each, so it is unref'd more than once. */
export function unrefSocket(socket: Socket): void {
  const unref = (): void => void socket.unref();
  unref();
  if (!socket.connecting) return;
  socket.on('connectionAttempt', unref);
  socket.once('connect', unref);
}
