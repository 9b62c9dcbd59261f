/**
 * Fault switches: how the receiver misbehaves, for which requests, and how often.
 *
 * Layer: receiver.
 */
import type { ReceivedSignal } from './received.ts';

/**
 * One way to misbehave. Without any member but `signal`, `delayMillis` and `times`, the request is answered as usual.
 * Items are stored only if the answer is a complete one with a status below 300, so that a retry is no duplicate.
 */
export interface Fault {
  /** Requests it applies to. Default: all. */
  readonly signal?: ReceivedSignal;
  /** How many requests it applies to; later ones are answered as usual. Default: all, until it is removed. */
  readonly times?: number;
  /** Wait this long before anything else, in milliseconds. */
  readonly delayMillis?: number;
  /** Answer with this status. Default: 503 with `retryAfterSeconds`, else 200. */
  readonly status?: number;
  /** Add a `retry-after` header. */
  readonly retryAfterSeconds?: number;
  /** Add headers, for example `x-sentry-rate-limits`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Say in a successful answer that items were rejected. They are stored all the same: a test can see what was sent. */
  readonly partialSuccess?: { readonly rejected: number; readonly message: string };
  /** Refuse metrics that have deltas with 400, as Prometheus and Mimir do; others are answered as usual. */
  readonly refuseDeltas?: boolean;
  /** Answer 200 with a body that is no OTLP. */
  readonly garbage?: boolean;
  /** Never answer. */
  readonly hang?: boolean;
  /** Answer 200 and send a byte five times a second, without end. */
  readonly drip?: boolean;
  /** Reset the connection instead of answering. */
  readonly reset?: boolean;
  /** Reset the connection in the middle of the answer. */
  readonly resetMidBody?: boolean;
}

/** The faults in force. */
export interface FaultSwitches {
  /** Adds one; the newest that applies wins. Returns a function that removes it. */
  readonly add: (fault: Fault) => () => void;
  /** The fault for a request, counted as used; `undefined` when the request is to be answered as usual. */
  take(signal: ReceivedSignal): Fault | undefined;
  clear(): void;
}

export function createFaultSwitches(): FaultSwitches {
  let switches: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      const added = { fault, left: fault.times ?? Infinity };
      switches.unshift(added);
      return () => {
        switches = switches.filter((other) => other !== added);
      };
    },
    take: (signal) => {
      const found = switches.find(
        ({ fault, left }) => left > 0 && (fault.signal === undefined || fault.signal === signal),
      );
      if (found === undefined) return undefined;
      found.left--;
      return found.fault;
    },
    clear: () => {
      switches = [];
    },
  };
}
