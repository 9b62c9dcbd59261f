/** A sender on virtual time whose destination answers as a test says. */
import { createAccount, type DeliveryStats, type Signal } from '../../../src/delivery/account.ts';
import type { OutageReport } from '../../../src/delivery/outages.ts';
import { createSender, type Sender } from '../../../src/delivery/sender.ts';
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
  /** Names of the bodies that were tried, with the virtual time of each try. */
  readonly tries: { readonly body: string; readonly at: number }[];
  /** Events of the report, e.g. `lost 3`. */
  readonly reported: string[];
  stats(): DeliveryStats;
  /** Queues a body with this name. */
  send(body: string, items?: number): ReturnType<Sender['send']>;
}

export interface FixtureOptions {
  readonly signal?: Signal;
  readonly limitBytes?: number;
  readonly isSuperseding?: boolean;
}

/** @param answer - the result of each try; a promise lets it take time */
export function createSenderFixture(
  answer: (body: string, tried: number) => TransportResult | Promise<TransportResult>,
  { signal = 'traces', limitBytes = 1_000_000, isSuperseding = false }: FixtureOptions = {},
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
  const sender = createSender({
    signal,
    destination: destinationAt('http://host/v1/traces'),
    account,
    limitBytes,
    isSuperseding,
    report,
    environment,
  });
  const send = (body: string, items = 1): ReturnType<Sender['send']> =>
    sender.send(Buffer.from(body), items, 'application/json');
  return { sender, time, tries, reported, stats: () => account.stats(), send };
}
