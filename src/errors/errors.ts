/**
 * The errors of one run: what is watched from the start, and the door to everything that is loaded with the first one.
 *
 * Layer: errors. Loaded at start.
 */
import { createRequire } from 'node:module';
import { context, type Context } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import type { ErrorsConfig } from '../config/config.ts';
import type { ErrorsOptions } from '../config/options.ts';
import { noteException, noteUncaught } from '../request/error-place.ts';
import { watchExceptions } from '../traces/exception-watch.ts';
import type * as CaptureModule from './capture.ts';
import type { Capturer, CapturerInput, Occasion } from './capture.ts';
import type { CaptureHints } from './capture-hints.ts';
import type { ErrorReport } from './error-report.ts';
import type * as UserRulesModule from './user-rules.ts';

const load = createRequire(import.meta.url);

/** What errors are captured with. */
export interface ErrorsInput extends Pick<CapturerInput, 'meterProvider' | 'loggerProvider'> {
  readonly config: ErrorsConfig;
  /** As the user gave it. */
  readonly options: ErrorsOptions | undefined;
}

/** The errors of a run. */
export interface Errors {
  /** Captures what the application hands over; undefined if errors are off. Never throws. */
  readonly capture: ((error: unknown, hints?: CaptureHints) => ErrorReport | undefined) | undefined;
  /** Captures the error behind an answer of 5xx; undefined if nothing is captured unasked. Never throws. */
  readonly onServerError: ((error: object, scope: Context) => void) | undefined;
  /** Whether some were held back that nobody was told of. */
  isHolding(): boolean;
  /** Tells how many were held back; before the last flush. Never throws. */
  flush(): void;
  /** Ends watching, and tells what was held back. Never throws. */
  stop(): void;
}

const OFF: Errors = {
  capture: undefined,
  onServerError: undefined,
  isHolding: () => false,
  flush: () => undefined,
  stop: () => undefined,
};

/** Begins to watch. */
export function createErrors(input: ErrorsInput): Errors {
  const { config, options } = input;
  if (config.capture === 'off') return OFF;
  const rules = options === undefined || options === null ? undefined : userRules(options);
  let capturer: Capturer | undefined;
  const capture = (error: unknown, occasion: Occasion): ErrorReport | undefined =>
    guard(
      'errors.capture',
      () => (capturer ??= createCapturer({ ...input, rules })).capture(error, occasion),
      undefined,
    );
  const onServerError = (error: object, scope: Context): void => {
    context.with(scope, () => capture(error, { mechanism: 'http', handled: true }));
  };
  const unwatch = config.capture === 'auto' ? watch(capture) : undefined;
  const flush = (): void => guard('errors.flush', () => capturer?.flush(), undefined);
  return {
    capture: (error, hints) => capture(error, { mechanism: 'captureError', handled: true, hints }),
    onServerError: config.capture === 'auto' ? onServerError : undefined,
    isHolding: () => capturer?.isHolding === true,
    flush,
    stop() {
      unwatch?.();
      flush();
    },
  };
}

/**
 * Watches what nobody catches, and what spans record.
 *
 * A monitor only looks on: the process ends, or does not, as without it. A rejection that the application has a
 * listener for never comes here, and a listener of ours would keep the process alive.
 */
function watch(capture: (error: unknown, occasion: Occasion) => unknown): () => void {
  const onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    guard('errors.note', () => noteUncaught(error), undefined);
    capture(error, { mechanism: origin, handled: false, isFatal: !isSurvived() });
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  watchExceptions((span, error) => guard('errors.note', () => noteException(span, error), undefined));
  return () => {
    process.off('uncaughtExceptionMonitor', onUncaught);
    watchExceptions(undefined);
  };
}

/** Whether the application takes uncaught exceptions upon itself. */
function isSurvived(): boolean {
  return process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
}

function createCapturer(input: CapturerInput): Capturer {
  const { Capturer } = load('./capture.ts') as typeof CaptureModule;
  return new Capturer(input);
}

function userRules(options: ErrorsOptions): CapturerInput['rules'] {
  const { acceptErrorOptions } = load('./user-rules.ts') as typeof UserRulesModule;
  return guard('errors.options', () => acceptErrorOptions(options), undefined);
}
