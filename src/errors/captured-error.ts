/**
 * One error as it is handed to whoever sends errors on.
 *
 * Complete when it is made: a sink needs no other source, least of all the context that happens to be active.
 * Layer: errors.
 */
import type { SpanContext } from '@opentelemetry/api';
import type { Scalar } from '../core/readable-part.ts';
import type { Breadcrumb } from '../request/breadcrumbs.ts';
import type { RequestSnapshot } from '../request/request-context.ts';
import type { Classification } from './error-class.ts';

/** Where an error came to us. */
export type Mechanism = 'captureError' | 'uncaughtException' | 'unhandledRejection' | 'http';

/** `fatal`: the process ends because of it. */
export type ErrorLevel = 'fatal' | 'error' | 'warning' | 'info';

/** What could be read of an error; plain texts, also of values that throw when they are read. */
export interface ErrorDetails {
  /** Name of its class, `TypeError`; for values that are no errors, what they are: `string`, `Object`. */
  readonly type: string;
  /** Bounded. */
  readonly message: string;
  /** As Node prints it, source maps applied by `--enable-source-maps`; undefined for values that have none. */
  readonly stack: string | undefined;
  /** `code` of an error: `ECONNREFUSED`, `23505`. */
  readonly code: string | undefined;
  /** Its `cause`, then the `errors` of an AggregateError; bounded in depth and in number. */
  readonly causes: readonly ErrorDetails[];
}

/** An error, and all there is to know about where it happened. */
export interface CapturedError {
  /** 32 hexadecimal digits; what `captureError()` has returned. */
  readonly eventId: string;
  /** The very value that was thrown. It may throw when it is read; {@link details} never does. */
  readonly error: unknown;
  readonly details: ErrorDetails;
  readonly classification: Classification;
  /** False where nobody had caught it. */
  readonly handled: boolean;
  readonly mechanism: Mechanism;
  readonly level: ErrorLevel;
  /** When it was captured, milliseconds since the epoch. */
  readonly timeMillis: number;
  /** The request it broke; undefined outside of requests. */
  readonly request: RequestSnapshot | undefined;
  /** The span it happened in, sampled or not; undefined outside of spans. */
  readonly spanContext: SpanContext | undefined;
  /** `http.route` of the request, as far as it was known. */
  readonly route: string | undefined;
  /** What was going on: `GET /orders/:id`, or the hint. */
  readonly transaction: string | undefined;
  /** Tags of the request, then those of the hints. Without the tags that say the classification. */
  readonly tags: Readonly<Record<string, Scalar>>;
  /** From the hints. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Errors of one fingerprint are one problem. */
  readonly fingerprint: readonly string[];
  /** Oldest first. */
  readonly breadcrumbs: readonly Breadcrumb[];
  /** How many errors of this fingerprint it stands for beside itself: flood control has held them back. */
  readonly heldBack: number;
}

/**
 * Takes each error that is neither ignored nor held back. Called synchronously, in a crash too; what it throws is
 * counted and goes no further.
 */
export type ErrorSink = (captured: CapturedError) => void;
