/**
 * OTLP endpoints named in code, beside the one of the variables, each served at its own pace.
 *
 * Layer: config. Loaded when there is one.
 */
import type { OtlpDestination } from './config.ts';
import { ratio } from './kinds.ts';
import { parseEndpoint, signalUrl } from './endpoint.ts';
import type { DestinationOptions } from './options.ts';
import { hourlyLimit, traceRatio } from './otlp-destination.ts';
import { printable } from './printable.ts';
import { createProxyResolver } from './proxy.ts';
import type { Reader } from './reader.ts';
import { settleTemporality } from './temporality.ts';
import { OTLP_DEFAULTS, type SignalName } from './variables/otlp.ts';

export type MoreDestinations = Readonly<Record<SignalName, readonly OtlpDestination[]>>;

/** Settles the option `destinations`; an entry without a usable address is named and left out. */
export function resolveMoreDestinations(reader: Reader, entries: readonly DestinationOptions[]): MoreDestinations {
  const more: Record<SignalName, OtlpDestination[]> = { traces: [], metrics: [], logs: [] };
  const proxyOf = createProxyResolver(reader);
  for (const [index, entry] of [...entries].entries()) {
    const reading = parseEndpoint(addressOf(entry));
    if (reading.url === undefined) {
      reportUnusable(reader, index, addressOf(entry));
      continue;
    }
    const { authorization } = reading;
    const share = ratioOf(reader, index, entry);
    const headers = { ...(authorization !== undefined && { authorization }), ...withLowerCaseNames(entry.headers) };
    for (const signal of entry.signals ?? SIGNALS) {
      const url = signalUrl(reading.url, signal);
      const proxy = proxyOf(url);
      more[signal].push({
        url: url.href,
        headers,
        protocol: entry.protocol ?? OTLP_DEFAULTS.protocol,
        compression: entry.compression ?? OTLP_DEFAULTS.compression,
        timeoutMillis: entry.timeoutMillis ?? OTLP_DEFAULTS.timeoutMillis,
        tls: { ...entry.tls },
        ...(proxy !== undefined && { proxy }),
        ...hourlyLimit(signal, entry.hourlyLimitMegabytes),
        ...(signal === 'metrics' &&
          settleTemporality(reader, `Option destinations[${index}].temporality`, { asked: entry.temporality, url })),
        ...(signal === 'traces' && traceRatio(share)),
      });
    }
  }
  return more;
}

/** What JavaScript gives need not be what the type says. */
function addressOf(entry: Partial<DestinationOptions> | null): string {
  const endpoint: unknown = entry?.endpoint;
  return typeof endpoint === 'string' ? endpoint : '';
}

/** Everything, with an issue, if the share cannot be used: too much is noticed, too little is not. */
function ratioOf(reader: Reader, index: number, { traceRatio: given }: DestinationOptions): number {
  if (given === undefined || given === null) return 1;
  const share = typeof given === 'number' ? ratio.parse(`${given}`) : undefined;
  if (share !== undefined) return share;
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `Option destinations[${index}].traceRatio is not ${ratio.expects}; the destination gets all traces. Correct or remove it.`,
  });
  return 1;
}

const SIGNALS: readonly SignalName[] = ['traces', 'metrics', 'logs'];

function withLowerCaseNames(headers: DestinationOptions['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function reportUnusable(reader: Reader, index: number, endpoint: string): void {
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `Option destinations[${index}].endpoint="${printable(endpoint)}" is no address and is left out. Give one like https://collector.example:4318.`,
  });
}
