/** A sender on virtual time whose destination answers as a test says. */
import { createAccount, type DeliveryStats, type Signal } from '../../../src/delivery/account.ts';
import type { OutageReport } from '../../../src/delivery/outages.ts';
import type { Room } from '../../../src/delivery/lane.ts';
import type { Outbox, Parcel } from '../../../src/delivery/outbox.ts';
import { Sender } from '../../../src/delivery/sender.ts';
import type { Transport, TransportResult } from '../../../src/delivery/transport.ts';
import { destinationAt } from './fault-server.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export const REFUSED: TransportResult = { status: 'failed', code: 'ECONNREFUSED', message: '' };
export const RESET: TransportResult = { status: 'failed', code: 'ECONNRESET', message: '' };

export function answered(statusCode: number, headers: Record<string, string> = {}, body = ''): TransportResult {
  return { status: 'answered', statusCode, headers, body: Buffer.from(body) };
}

export interface SenderFixture {
  readonly sender: Sender;
  readonly time: VirtualTime;
  /** What each request carried, with the virtual time of each try. */
  readonly tries: { readonly body: string; readonly at: number }[];
  /** Events of the report, e.g. `lost 3`. */
  readonly reported: string[];
  stats(): DeliveryStats;
  /** Queues a parcel with this name. */
  send(body: string, items?: number): void;
}

export interface FixtureOptions {
  readonly signal?: Signal;
  readonly isSuperseding?: boolean;
  readonly hourlyLimitBytes?: number;
}

/**
 * Named parcels, one request each. Their items can be divided: `a` with 3 items becomes `a[1]` and `a[2]`.
 *
 * Counts what it hands out nowhere, so that the account can be checked against what is left here.
 */
export class NamedOutbox implements Outbox {
  readonly ready: undefined;
  readonly parcels: Parcel[] = [];

  get waitingItems(): number {
    return this.parcels.reduce((sum, { items }) => sum + items, 0);
  }

  take({ items }: Room): Parcel | undefined {
    const parcel = this.parcels.shift();
    const parts = parcel?.split(items);
    if (parts === undefined) return parcel;
    this.parcels.unshift(parts[1]);
    return parts[0];
  }
}

export function namedParcel(name: string, items: number, isSuperseded: () => boolean = () => false): Parcel {
  return {
    items,
    bytes: items * 10,
    get isSuperseded() {
      return isSuperseded();
    },
    body: () => ({ bytes: Buffer.from(name), contentType: 'application/json' }),
    release: () => undefined,
    split: (first) => {
      if (first < 1 || first >= items) return undefined;
      const [plain] = name.split('[');
      return [
        namedParcel(`${plain}[${first}]`, first, isSuperseded),
        namedParcel(`${plain}[${items - first}]`, items - first, isSuperseded),
      ];
    },
  };
}

/** @param answer - the result of each try; a promise lets it take time */
export function createSenderFixture(
  answer: (body: string, tried: number) => TransportResult | Promise<TransportResult>,
  { signal = 'traces', isSuperseding = false, hourlyLimitBytes }: FixtureOptions = {},
): SenderFixture {
  const time = createVirtualTime();
  const tries: { body: string; at: number }[] = [];
  const reported: string[] = [];
  const account = createAccount(signal, 'http://host/v1/traces');
  const report: OutageReport = {
    opened: () => void reported.push('opened'),
    failed: (_, cause, lastingly) => void reported.push(`${lastingly ? 'lastingly ' : ''}failed ${cause.code}`),
    lost: (_, items) => void reported.push(`lost ${items}`),
    accepted: () => void reported.push('accepted'),
    leftOut: (_, items, message) => void reported.push(`left out ${items} ${message}`),
    overCeiling: (_, items) => void reported.push(`over the ceiling ${items}`),
    closed: () => void reported.push('closed'),
  };
  let endAll = (): void => undefined;
  const ended = new Promise<TransportResult>((resolve) => {
    endAll = () => resolve({ status: 'failed', code: 'CLOSED', message: '' });
  });
  const transport: Transport = {
    post: async (bytes) => {
      const body = Buffer.from(bytes).toString();
      tries.push({ body, at: time.now() });
      return Promise.race([answer(body, tries.length), ended]);
    },
    close: () => endAll(),
  };
  const environment = { transport, now: time.now, epochNow: time.now, timer: time.timer, random: () => 0.5 };
  const outbox = new NamedOutbox();
  const sender = new Sender({
    signal,
    destination: destinationAt('http://host/v1/traces', hourlyLimitBytes === undefined ? {} : { hourlyLimitBytes }),
    account,
    outbox,
    fullItems: 512,
    report,
    environment,
  });
  let sent = 0;
  const send = (body: string, items = 1): void => {
    account.made(items, items * 10);
    if (isSuperseding)
      for (const older of outbox.parcels.splice(0)) account.dropped('superseded', older.items, older.bytes);
    sent += 1;
    const number = sent;
    outbox.parcels.push(namedParcel(body, items, () => isSuperseding && number < sent));
    sender.wake(true);
  };
  return { sender, time, tries, reported, stats: () => account.stats(), send };
}
