/**
 * What a bench measures against: which peers are asked for, and their installation, on demand, into `bench/node_modules`.
 *
 * The root's `npm ci` never installs them; together they weigh several hundred megabytes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The folder `bench/`. */
export const BENCH: string = join(import.meta.dirname, '..');
const ROOT = join(BENCH, '..');
const MODULES = join(BENCH, 'node_modules');

export const PEERS = ['stock', 'auto', 'ddtrace', 'promclient', 'sentry'] as const;
export type Peer = (typeof PEERS)[number];

/** Reads a list like `stock,ddtrace`; `all` or nothing means every peer, `none` means none. */
export function parsePeers(text: string | undefined): ReadonlySet<Peer> {
  if (text === undefined || text === 'all') return new Set(PEERS);
  if (text === 'none') return new Set();
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !PEERS.includes(name as Peer));
  if (unknown.length > 0) throw new Error(`unknown peer ${unknown.join(', ')}: choose from ${PEERS.join(', ')}`);
  return new Set(names as Peer[]);
}

/** Installs the pinned peers if the installed ones are not those of the lockfile, and makes `duotel` resolvable. */
export function ensurePeers(wanted: ReadonlySet<Peer>): void {
  if (wanted.size > 0 && !installed()) {
    console.error('bench: installing the peers (once)…');
    const npm = process.env['npm_execpath'];
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const [command, commandArgs] = npm === undefined ? ['npm', args] : [process.execPath, [npm, ...args]];
    execFileSync(command, commandArgs, { cwd: BENCH, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  linkDuotel();
}

/** Whether this checkout has been built; without it only the peers can be measured. */
export function isDuotelBuilt(): boolean {
  return existsSync(join(ROOT, 'dist/index.js')) && existsSync(join(ROOT, 'dist/register.js'));
}

/** npm touches `node_modules/.package-lock.json` last: older than our lockfile, or absent, means out of date. */
function installed(): boolean {
  const marker = join(MODULES, '.package-lock.json');
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(BENCH, 'package-lock.json')).mtimeMs;
}

/** The measured programs write `import 'duotel'` as users do; the link makes that this checkout. */
function linkDuotel(): void {
  const link = join(MODULES, 'duotel');
  if (existsSync(link)) return;
  mkdirSync(MODULES, { recursive: true });
  symlinkSync(ROOT, link, 'junction');
}
