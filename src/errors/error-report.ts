/**
 * What `captureError()` answers.
 *
 * Layer: errors.
 */
import type { Classification } from './error-class.ts';

/**
 * What became of an error. `captured`: it is logged and sent. `duplicate`: it was before, alone or inside of another.
 * `ignored`: only counted, by a rule. `held_back`: too many of its kind in this minute; a later one tells how many.
 * `off`: telemetry is not running, or errors are off.
 */
export type CaptureOutcome = 'captured' | 'duplicate' | 'ignored' | 'held_back' | 'off';

/** The answer; the classification is the same whatever became of the error, also where telemetry is off. */
export interface ErrorReport extends Classification {
  readonly outcome: CaptureOutcome;
  /** 32 hexadecimal digits, for error pages and tickets; a duplicate has the id of the first. Undefined where nothing is sent. */
  readonly eventId: string | undefined;
}
