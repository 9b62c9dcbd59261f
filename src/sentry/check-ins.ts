/**
 * Check-ins of scheduled jobs: Sentry tells when one fails, takes too long, or never begins.
 *
 * Layer: sentry. Loaded with the first check-in. Source: develop.sentry.dev, “Check-Ins”.
 */
import { degrade } from '../core/guard.ts';
import { redactJson } from '../encode/redact-json.ts';
import { SDK } from './sdk.ts';
import type { SentrySink, SinkIdentity } from './sink.ts';
import type { Surroundings } from './surroundings.ts';

export type CheckInStatus = 'in_progress' | 'ok' | 'error';

/** When a job is due; given with its first check-in, it creates the monitor. */
export interface MonitorOptions {
  /** As in a crontab: `0 3 * * *`. Or every so many of a unit. */
  readonly schedule:
    | string
    | { readonly every: number; readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' };
  /** Name of a time zone, for example `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string;
  /** How much later than due it may begin. */
  readonly marginMinutes?: number;
  /** How long it may take. */
  readonly maxRuntimeMinutes?: number;
  /** So many failures in a row make an issue. Default: 1. */
  readonly failureThreshold?: number;
  /** So many successes in a row end it. Default: 1. */
  readonly recoveryThreshold?: number;
}

export interface CheckInOptions {
  /** What an earlier check-in of the same run returned. Default: a run of its own. */
  readonly id?: string | undefined;
  /** How long the run took, once it has ended. */
  readonly durationMillis?: number;
  readonly monitor?: MonitorOptions;
}

export interface CheckInInput extends CheckInOptions {
  /** Slug of the monitor. */
  readonly name: string;
  readonly status: CheckInStatus;
}

export interface CheckInMaker {
  readonly sink: SentrySink;
  readonly identity: SinkIdentity;
  readonly around: Surroundings;
  readonly createId: () => string;
}

/** Sends a check-in at once and returns the id of its run; `undefined` if it cannot be used. */
export function sendCheckIn(maker: CheckInMaker, input: CheckInInput): string | undefined {
  const { name, status, id = maker.createId(), durationMillis, monitor } = input;
  if (typeof name !== 'string' || name === '' || !STATUSES.includes(status)) {
    degrade('sentry.checkIn', 'a check-in has no monitor or no status');
    return undefined;
  }
  const { environment, release } = maker.identity;
  const { traceId, spanId } = maker.around.trace();
  const payload = {
    check_in_id: id,
    monitor_slug: name,
    status,
    ...(durationMillis !== undefined && Number.isFinite(durationMillis) && { duration: durationMillis / 1000 }),
    ...(release !== undefined && { release }),
    environment,
    ...(monitor !== undefined && { monitor_config: monitorConfig(monitor) }),
    ...(spanId !== undefined && { contexts: { trace: { trace_id: traceId, span_id: spanId } } }),
  };
  maker.sink({ sdk: SDK }, [[{ type: 'check_in' }, redactJson(payload)]]);
  return id;
}

const STATUSES: readonly CheckInStatus[] = ['in_progress', 'ok', 'error'];

function monitorConfig(monitor: MonitorOptions): object {
  const { schedule, timezone, marginMinutes, maxRuntimeMinutes, failureThreshold, recoveryThreshold } = monitor;
  return {
    schedule:
      typeof schedule === 'string'
        ? { type: 'crontab', value: schedule }
        : { type: 'interval', value: schedule.every, unit: schedule.unit },
    ...(timezone !== undefined && { timezone }),
    ...(marginMinutes !== undefined && { checkin_margin: marginMinutes }),
    ...(maxRuntimeMinutes !== undefined && { max_runtime: maxRuntimeMinutes }),
    ...(failureThreshold !== undefined && { failure_issue_threshold: failureThreshold }),
    ...(recoveryThreshold !== undefined && { recovery_threshold: recoveryThreshold }),
  };
}
