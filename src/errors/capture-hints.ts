/**
 * What the application says of an error it captures.
 *
 * Layer: errors.
 */
import { readablePart, readProperty, readScalar, type Scalar } from '../core/readable-part.ts';
import type { ErrorLevel } from './captured-error.ts';

/** Hints of `captureError()`. All optional. */
export interface CaptureHints {
  /** Default: by severity, `error` or `warning`. */
  readonly level?: ErrorLevel | undefined;
  /** Added to the tags of the request; attributes of the log record, tags in Sentry. */
  readonly tags?: Readonly<Record<string, Scalar | undefined>> | undefined;
  /** For people: shown in Sentry, never searched. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  /** Errors of one fingerprint are one problem. Default: class of error, provider, type, code and place in the code. */
  readonly fingerprint?: readonly string[] | undefined;
  /** What was going on. Default: method and route of the request. */
  readonly transaction?: string | undefined;
}

const SITE = 'errors.hints';
const LEVELS: readonly unknown[] = ['fatal', 'error', 'warning', 'info'] satisfies ErrorLevel[];
const MAX_PARTS = 20;
const MAX_LENGTH = 1024;

/** The usable part of hints that may be anything. */
export function readHints(given: unknown): CaptureHints {
  if (typeof given !== 'object' || given === null) return {};
  const level = readScalar(SITE, given, 'level');
  const transaction = readScalar(SITE, given, 'transaction');
  return {
    level: LEVELS.includes(level) ? (level as ErrorLevel) : undefined,
    tags: bounded(readablePart(SITE, readProperty(SITE, given, 'tags') ?? {})),
    extra: readExtra(readProperty(SITE, given, 'extra')),
    fingerprint: readFingerprint(readProperty(SITE, given, 'fingerprint')),
    transaction: transaction === undefined ? undefined : String(transaction).slice(0, MAX_LENGTH),
  };
}

function bounded(tags: Readonly<Record<string, Scalar>>): Record<string, Scalar> {
  const entries = Object.entries(tags).slice(0, MAX_PARTS);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value]),
  );
}

/** One level deep: what is inside is the sink's to read. */
function readExtra(given: unknown): Record<string, unknown> {
  if (typeof given !== 'object' || given === null) return {};
  try {
    const keys = Object.keys(given).slice(0, MAX_PARTS);
    return Object.fromEntries(keys.map((key) => [key, readProperty(SITE, given, key)]));
  } catch {
    return {};
  }
}

function readFingerprint(given: unknown): readonly string[] | undefined {
  try {
    if (!Array.isArray(given)) return undefined;
    const parts = given.slice(0, MAX_PARTS).filter((part) => typeof part === 'string');
    return parts.length === 0 ? undefined : parts.map((part) => part.slice(0, MAX_LENGTH));
  } catch {
    return undefined;
  }
}
