/**
 * The door through which applications hand over errors.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { guard } from '../core/guard.ts';
import type { CaptureHints } from '../errors/capture-hints.ts';
import type * as ClassifyModule from '../errors/classify.ts';
import type { ErrorReport } from '../errors/error-report.ts';
import { runningCapture } from './current-run.ts';

const load = createRequire(import.meta.url);

/**
 * Captures an error: classified, on its span with its stack, as one log record, in `duotel_errors_total`, and in Sentry.
 *
 * One error is one event, however often it is captured, alone or as the cause of another. Anything can be captured.
 * Never throws, and never changes the error. The answer says what the error means, also when telemetry is off.
 *
 * @example
 * const { retryable, eventId } = captureError(error, { tags: { property_id: property.id } });
 */
export function captureError(error: unknown, hints?: CaptureHints): ErrorReport {
  return runningCapture()?.(error, hints) ?? guard('errors.classify', () => classifyOnly(error), UNREADABLE);
}

function classifyOnly(error: unknown): ErrorReport {
  const { classify } = load('../errors/classify.ts') as typeof ClassifyModule;
  return { ...classify(error), outcome: 'off', eventId: undefined };
}

/** The answer when even classifying failed. */
const UNREADABLE: ErrorReport = {
  outcome: 'off',
  eventId: undefined,
  errorClass: 'unknown',
  severity: 'high',
  retryable: false,
  provider: 'unknown',
  statusCode: undefined,
  quota: undefined,
  recommendedAction: 'Read the stack.',
  matchedRule: 'none',
};
