/**
 * What outgoing requests carry of the trace they belong to, by the host they go to.
 *
 * Layer: instrument. Source: DESIGN D12: baggage only to listed hosts, trace context to all unless there is a list.
 */
import { type Context, propagation, type TextMapSetter } from '@opentelemetry/api';
import type { RequestsConfig } from '../config/config.ts';
import { isListedHost } from '../config/host-list.ts';
import { defaultPort } from './host.ts';

/** Where a request goes. */
export interface Recipient {
  readonly scheme: string;
  readonly address: string;
  readonly port: number | undefined;
}

interface Trust {
  readonly trace: boolean;
  readonly baggage: boolean;
}

/** A program talks to few hosts, so verdicts are kept, up to a bound. */
const MAX_KEPT = 256;

/** Writes the headers of outgoing requests. */
export class OutgoingTrust {
  readonly #lists: Pick<RequestsConfig, 'traceHosts' | 'baggageHosts'>;
  readonly #kept = new Map<string, Trust>();

  constructor(lists: Pick<RequestsConfig, 'traceHosts' | 'baggageHosts'>) {
    this.#lists = lists;
  }

  /** Writes what the recipient may see of `scope`. */
  inject<T>(
    scope: Context,
    recipient: Recipient,
    carrier: { readonly request: T; readonly setter: TextMapSetter<T> },
  ): void {
    const { trace, baggage } = this.#trust(recipient);
    if (!trace) return;
    const visible = baggage || propagation.getBaggage(scope) === undefined ? scope : propagation.deleteBaggage(scope);
    propagation.inject(visible, carrier.request, carrier.setter);
  }

  #trust({ scheme, address, port = defaultPort(scheme) }: Recipient): Trust {
    const { traceHosts, baggageHosts } = this.#lists;
    if (traceHosts === '*' && baggageHosts === '') return TRACE_ONLY;
    const key = `${address} ${port}`;
    let trust = this.#kept.get(key);
    if (trust === undefined) {
      const host = { host: address, port: String(port) };
      trust = { trace: isListedHost(host, traceHosts), baggage: isListedHost(host, baggageHosts) };
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, trust);
    }
    return trust;
  }
}

const TRACE_ONLY: Trust = { trace: true, baggage: false };
