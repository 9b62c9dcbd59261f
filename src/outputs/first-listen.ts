/**
 * Notices when this process becomes a server.
 *
 * Node.js tells through diagnostics channels, so nothing of the application is wrapped and nothing is loaded.
 * Layer: outputs.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Cluster } from 'node:cluster';
import { guard } from '../core/guard.ts';
import { isOwn } from '../core/own-traffic.ts';

/** Published by `node:net` after a server began to listen, with `{ server }`. In Node.js 20 to 26. */
const LISTENING = 'tracing:net.server.listen:asyncEnd';

/** Published by `node:child_process` for each new child. */
const CHILD = 'child_process';

/**
 * Calls `callback` once, as soon as this process listens as a server, or already does.
 *
 * TCP counts, and HTTP on a pipe; other pipes are how tools talk to their children. Servers of telemetry itself do not
 * count. A cluster primary counts when one of its workers listens; workers that listen with `exclusive: true` do not
 * tell their primary.
 *
 * @returns a function that stops waiting
 */
export function onFirstListen(callback: () => void): () => void {
  let cluster: Cluster | undefined;
  const stop = (): void => {
    unsubscribe(LISTENING, onListening);
    unsubscribe(CHILD, onChild);
    cluster?.off('listening', found);
    clearImmediate(late);
  };
  const found = (): void => {
    stop();
    callback();
  };
  // Node.js turns what a subscriber throws into an uncaught exception of the application.
  const onListening = (message: unknown): void => {
    if (guard('scrape.listen', () => isServer((message as { server?: unknown }).server), false)) found();
  };
  // A primary that only hands out handles (`SCHED_NONE`) listens nowhere itself; only its cluster module knows.
  const onChild = (): void => {
    guard('scrape.listen', () => (cluster ??= loadedCluster()?.on('listening', found)), undefined);
  };
  subscribe(LISTENING, onListening);
  subscribe(CHILD, onChild);
  // `start()` may come after `listen()`. Looked at in the next turn: it must not cost start-up.
  const late = setImmediate(() => {
    onChild();
    if (guard('scrape.listen', () => openServers().some(isServer), false)) found();
  }).unref();
  return stop;
}

interface ListeningServer {
  address(): unknown;
}

function isServer(server: unknown): boolean {
  if (typeof server !== 'object' || server === null || isOwn(server)) return false;
  const address = (server as Partial<ListeningServer>).address?.();
  // Every HTTP server has this limit, no plain one has it; comparing classes would load `node:http`.
  return typeof address === 'object' ? address !== null : typeof address === 'string' && 'headersTimeout' in server;
}

/**
 * Servers that listen now.
 *
 * `process._getActiveHandles()` is the only way to find a server that was there before us; `getActiveResourcesInfo()`
 * cannot tell the application's from telemetry's own. Where it is missing, servers that listen later are still seen.
 */
function openServers(): object[] {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles?: () => object[] };
  return (_getActiveHandles?.call(process) ?? []).filter(
    (handle) => 'listening' in handle && handle.listening === true,
  );
}

/** The cluster module if the application has loaded it. Asking for it would load it in every program with children. */
function loadedCluster(): Cluster | undefined {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  if (!moduleLoadList?.includes('NativeModule cluster')) return undefined;
  return process.getBuiltinModule('node:cluster') as unknown as Cluster;
}
