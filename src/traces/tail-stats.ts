/**
 * What the tail buffer tells of itself; part of `status()`, so no type of the SDK belongs here.
 *
 * Layer: traces.
 */

/** Why a decision was made before the local root had ended. */
export type EarlyReason = 'wait' | 'traces' | 'spans' | 'bytes' | 'flush';

/** What became of sampled spans; every one that ended is in one of the first three. */
export interface TailStats {
  readonly keptSpans: number;
  readonly droppedSpans: number;
  readonly heldSpans: number;
  /** Local roots that were decided by what was known, because of a limit or the end of the program. */
  readonly earlyDecisions: Readonly<Record<EarlyReason, number>>;
}
