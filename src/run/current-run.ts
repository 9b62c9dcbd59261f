/**
 * The running telemetry of this process, shared by every copy of the package.
 *
 * Layer: run.
 */
import { notify } from '../core/notices.ts';
import { VERSION } from '../core/version.ts';
import type { Errors } from '../errors/errors.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import type { Telemetry } from './telemetry.ts';

const KEY: unique symbol = Symbol.for('duotel.telemetry') as never;

interface Run {
  readonly version: string;
  readonly telemetry: Telemetry;
  /** Missing in versions that had no links. */
  readonly traceUrlTemplate?: string | undefined;
  /** Missing in versions that captured no errors, and where errors are off. */
  readonly captureError?: Errors['capture'];
  /** Missing without a DSN, and in versions that had none. */
  readonly sentryFeed?: SentryFeed | undefined;
}

const holder = globalThis as { [KEY]?: Run | undefined };

/** The handle of the run in progress, whichever copy started it; another version is told once. */
export function currentRun(): Telemetry | undefined {
  const run = holder[KEY];
  if (run !== undefined && run.version !== VERSION) {
    notify({
      code: 'DUOTEL_SECOND_COPY',
      message: `duotel ${run.version} is running already and serves this copy (${VERSION}) too. \`npm ls duotel\` shows both.`,
    });
  }
  return run?.telemetry;
}

/** How the run in progress makes addresses of traces. */
export function runningTraceUrlTemplate(): string | undefined {
  return holder[KEY]?.traceUrlTemplate;
}

/** How the run in progress captures errors. */
export function runningCapture(): Errors['capture'] {
  return holder[KEY]?.captureError;
}

/** How the run in progress sends measurements, logs and check-ins to Sentry. */
export function runningSentryFeed(): SentryFeed | undefined {
  return holder[KEY]?.sentryFeed;
}

/** Publishes a run, or its end. */
export function setCurrentRun(telemetry: Telemetry | undefined, parts: Omit<Run, 'version' | 'telemetry'> = {}): void {
  holder[KEY] = telemetry === undefined ? undefined : { version: VERSION, telemetry, ...parts };
}
