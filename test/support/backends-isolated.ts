/**
 * Runs a program in a network of its own, so that what it opens can be counted exactly and from outside.
 *
 * The kernel counts every connection attempt and every datagram of a network namespace, however short: nothing has to
 * be caught in the act. Linux only; needs root or user namespaces.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { cleanEnvironment, launch, waitFor, type LaunchOptions, type Owner, type Running } from './backends.ts';

const UNSHARE = process.getuid?.() === 0 ? ['--net'] : ['--net', '--map-root-user'];
const ENTER = process.getuid?.() === 0 ? ['--net'] : ['--net', '--user', '--preserve-credentials'];

/** Why programs cannot be isolated here, or `false`; the value of node:test's `skip`. */
export function skipWithoutIsolation(): string | false {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  const { status } = spawnSync('unshare', [...UNSHARE, 'ip', 'link', 'set', 'lo', 'up']);
  if (status === 0 || process.env['CI']) return false; // on CI nothing required is skipped
  return 'network namespaces need root or user namespaces, and the commands unshare and ip';
}

/** Starts a program in a new network that leads nowhere; resolves once it lives there. */
export async function launchIsolated(
  owner: Owner,
  command: string,
  args: readonly string[],
  options?: LaunchOptions,
): Promise<Running> {
  // A route to everywhere, because without one an attempt fails before the kernel counts it. `exec` all the way, so that
  // the process id stays that of the program.
  const script = 'ip link set lo up && ip route add default dev lo && exec "$@"';
  const running = launch(owner, 'unshare', [...UNSHARE, 'sh', '-c', script, 'sh', command, ...args], options);
  const network = (pid: number | 'self'): string => readlinkSync(`/proc/${pid}/ns/net`);
  await waitFor('a network of its own', () => network(running.pid) !== network('self'), running);
  return running;
}

/** What a network has seen since it was made. */
export interface NetworkUse {
  /** TCP connections begun by anyone in it. */
  readonly connects: number;
  /** UDP datagrams sent; a name look-up is at least one. */
  readonly datagrams: number;
  /** `address:port` of every listening TCP socket, in the kernel's notation. */
  readonly listeners: readonly string[];
}

/** Counters of the network that process `pid` lives in. */
export function networkUse(pid: number): NetworkUse {
  const proc = (file: string): string => readFileSync(`/proc/${pid}/net/${file}`, 'utf8');
  const counters = proc('snmp');
  return {
    connects: counter(counters, 'Tcp', 'ActiveOpens'),
    datagrams: counter(counters, 'Udp', 'OutDatagrams') + counter(proc('snmp6'), 'Udp6OutDatagrams'),
    listeners: [...proc('tcp').matchAll(LISTENING), ...proc('tcp6').matchAll(LISTENING)].map(([, local = '']) => local),
  };
}

/** A row of /proc/net/tcp in state 0A (LISTEN). */
const LISTENING = /^\s*\d+: ([0-9A-F]+:[0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm;

function counter(table: string, protocol: string, name?: string): number {
  if (name === undefined) return Number(new RegExp(`^${protocol}\\s+(\\d+)`, 'm').exec(table)?.[1] ?? 0);
  const [names = [], values = []] = table
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}: `))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf(name)]);
}

/** GETs `urls` from inside the network of `pid`, one TCP connection each; gives the status codes. */
export function getFromInside(pid: number, urls: readonly string[]): readonly number[] {
  const script = `
    const { get } = require('node:http');
    const status = (url) => new Promise((resolve) =>
      get(url, { agent: false }, (response) => response.resume().on('end', () => resolve(response.statusCode)))
        .on('error', () => resolve(0)));
    (async () => { const all = []; for (const url of ${JSON.stringify(urls)}) all.push(await status(url)); console.log(JSON.stringify(all)); })();`;
  const args = [...ENTER, '--target', String(pid), process.execPath, '-e', script];
  const { stdout } = spawnSync('nsenter', args, { encoding: 'utf8', env: cleanEnvironment(), timeout: 20_000 });
  return stdout === '' ? [] : (JSON.parse(stdout) as number[]);
}
