/**
 * Addresses of hosts, looked up ahead, and kept for when the name service fails.
 *
 * Look-ups share four threads with the file system and may hang for many seconds; an address that was good a minute
 * ago is better than none, and at the exit there is no time to ask. One look-up serves all signals of a host.
 * Layer: delivery. Loaded with the first request.
 */
import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { callbackify } from 'node:util';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Clock, monotonicMillis } from '../core/clock.ts';
import { loopTimer, type Timer } from './timer.ts';

/** Age in milliseconds up to which addresses are used without asking again. */
export const FRESH_MILLIS = 30_000;

/** How long a new look-up is waited for when there are older addresses, in milliseconds. */
export const PATIENCE_MILLIS = 1000;

/** Addresses of one host. */
export interface HostAddresses {
  /** Asks now, so that the first connection need not; never rejects. */
  prepare(): Promise<void>;
  /** For the option `lookup` of sockets: the last good addresses when a new look-up fails or is slow. */
  readonly lookup: LookupFunction;
  /** Notes that an address of this host took a connection. */
  connected(socket: Socket): void;
  /** The address that took the last connection, or the only one there is; for use without a look-up. */
  readonly reachable: string | undefined;
}

/** What addresses come from; replaced in tests. */
export interface AddressEnvironment {
  readonly lookUp: (host: string) => Promise<readonly LookupAddress[]>;
  readonly now: Clock;
  readonly timer: Timer;
}

const SYSTEM: AddressEnvironment = {
  // The root context: what the application had active has no part in this, and must not be held.
  lookUp: (host) =>
    context.with(suppressTracing(ROOT_CONTEXT), () =>
      process.getBuiltinModule('node:dns').promises.lookup(host, { all: true }),
    ),
  now: monotonicMillis,
  timer: loopTimer,
};

/** Makes the memory of one host; nothing is asked yet. */
export function createHostAddresses(host: string, environment: Partial<AddressEnvironment> = {}): HostAddresses {
  const { lookUp, now, timer } = { ...SYSTEM, ...environment };
  let good: readonly LookupAddress[] = [];
  let goodAt = -Infinity;
  let pending: Promise<readonly LookupAddress[]> | undefined;
  let taken: string | undefined;

  const refresh = (): Promise<readonly LookupAddress[]> =>
    (pending ??= lookUp(host)
      .then((found) => {
        good = found;
        goodAt = now();
        return found;
      })
      .finally(() => (pending = undefined)));

  const resolve = (): Promise<readonly LookupAddress[]> => {
    if (now() - goodAt < FRESH_MILLIS) return Promise.resolve(good);
    const asked = refresh();
    if (good.length === 0) return asked;
    return new Promise((settle) => {
      const cancel = timer(() => settle(good), PATIENCE_MILLIS);
      const finish = (): void => {
        cancel();
        settle(good);
      };
      asked.then(finish, finish);
    });
  };

  return {
    prepare: () => resolve().then(ignore, ignore),
    lookup: (_, options, callback) => {
      callbackify(resolve)((cause, found) => {
        if (cause) callback(cause, '');
        else if (options.all === true) callback(null, [...found]);
        else callback(null, found[0]?.address ?? '', found[0]?.family);
      });
    },
    connected: ({ remoteAddress }) => {
      taken = remoteAddress ?? taken;
    },
    get reachable() {
      return taken ?? (good.length === 1 ? good[0]?.address : undefined);
    },
  };
}

function ignore(): void {}

/** By host; as many as there are destinations. */
const known = new Map<string, HostAddresses>();

/** The addresses of a URL's host, shared by all signals; `undefined` when the host is an address itself. */
export function addressesOf(url: string): HostAddresses | undefined {
  if (!URL.canParse(url)) return undefined;
  const host = new URL(url).hostname;
  if (host.startsWith('[') || isIP(host) !== 0) return undefined;
  const found = known.get(host) ?? createHostAddresses(host);
  known.set(host, found);
  return found;
}
