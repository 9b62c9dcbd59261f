/**
 * How many log records may be made in a second.
 *
 * Asked before a record is made, and again when it is: what is refused costs next to nothing. Errors have a share of their
 * own, so that a flood of other records does not hide them.
 * Layer: outputs. Loaded when `DUOTEL_LOGS_RATE_LIMIT` asks for it.
 */
import { SeverityNumber } from '@opentelemetry/api';
import type { Clock } from '../core/clock.ts';
import { notify } from '../core/notices.ts';
import { createRateLimit, type RateLimit } from '../traces/rate-limit.ts';

/** Which records have room. */
export interface RecordLimit {
  /** Whether there is room for a record; keeps it for the next one that comes. */
  hasRoom(severityNumber: SeverityNumber | undefined): boolean;
  /** Whether a record may be made; uses the room up. */
  admit(severityNumber: SeverityNumber | undefined): boolean;
}

/**
 * Makes a limit, and tells when it is first reached.
 *
 * @param perSecond - errors and other records each
 * @param onRefused - called for each record there is no room for
 */
export function createRecordLimit(perSecond: number, now: Clock, onRefused: () => void): RecordLimit {
  const [errors, others] = [new Share(createRateLimit(perSecond, now)), new Share(createRateLimit(perSecond, now))];
  const shareOf = (severityNumber = SeverityNumber.UNSPECIFIED): Share =>
    severityNumber >= SeverityNumber.ERROR ? errors : others;
  let isTold = false;
  const refusing = (hasRoom: boolean): boolean => {
    if (hasRoom) return true;
    onRefused();
    if (!isTold) tell(perSecond);
    isTold = true;
    return false;
  };
  return {
    hasRoom: (severityNumber) => refusing(shareOf(severityNumber).hasRoom()),
    admit: (severityNumber) => refusing(shareOf(severityNumber).take()),
  };
}

function tell(perSecond: number): void {
  notify({
    code: 'DUOTEL_LOGS_LIMITED',
    message: `More than ${perSecond} log records in a second; the rest is not exported, and counted as filteredItems in status() and as duotel.exporter.filtered. Log less, set DUOTEL_LOGS_LEVEL, or raise DUOTEL_LOGS_RATE_LIMIT.`,
    key: 'logs',
  });
}

class Share {
  readonly #limit: RateLimit;
  #isReserved = false;

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  hasRoom(): boolean {
    this.#isReserved ||= this.#limit();
    return this.#isReserved;
  }

  take(): boolean {
    const hasRoom = this.hasRoom();
    this.#isReserved = false;
    return hasRoom;
  }
}
