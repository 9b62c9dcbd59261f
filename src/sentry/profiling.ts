/**
 * Says whether profiles that were asked for are made: by `@sentry/profiling-node`, in the application's own Sentry.
 *
 * We start no profiler: the native one keeps a process alive for as long as it runs (tried with 11.1.0), so a program
 * that did not start it itself would never end.
 * Layer: sentry. Loaded at start-up when `SENTRY_PROFILES_SAMPLE_RATE` asks for profiles.
 */
import type { Client } from '@sentry/core';
import { guard } from '../core/guard.ts';
import { notify } from '../core/notices.ts';

/** Looks when the first turn of the event loop is over: by then, an application that initialises Sentry has done so. */
export function expectProfiler(client: () => Client | undefined): void {
  const look = (): void => {
    // By this name Sentry's own `profiler` finds it.
    if (client()?.getIntegrationByName('ProfilingIntegration') === undefined) tellMissing();
  };
  setImmediate(() => guard('sentry.profiling', look, undefined)).unref();
}

function tellMissing(): void {
  notify({
    code: 'DUOTEL_SENTRY_UNPROFILED',
    message:
      'SENTRY_PROFILES_SAMPLE_RATE asks for profiles, which only Sentry.init() of the application can make; errors and spans are sent. Install @sentry/profiling-node in the version of @sentry/node, add nodeProfilingIntegration() to its integrations, and call Sentry.profiler.startProfiler().',
  });
}
