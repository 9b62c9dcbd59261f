/**
 * Starts telemetry: one stage after the other, each with the results of those before it.
 *
 * Layer: run.
 */
import { describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { StartOptions } from '../config/options.ts';
import { useRedaction } from '../encode/redaction.ts';
import { createErrors } from '../errors/errors.ts';
import { currentRun, setCurrentRun } from './current-run.ts';
import { drainBudgetMillis } from './drain-budget.ts';
import { createEnding } from './ending.ts';
import { facades } from './facades.ts';
import { createHandle, createIdleHandle } from './handle.ts';
import { instrument } from './instrumentation.ts';
import { isolatedParts } from './isolated-parts.ts';
import { createPipelines } from './pipelines.ts';
import { reportIssues } from './report.ts';
import { describeProcess, settle, withIssues } from './settle.ts';
import { takeSlots } from './slots.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Starts telemetry for this process or thread.
 *
 * Synchronous; never throws: whatever goes wrong costs telemetry, not the program, and is told in one coded line.
 * A second call returns the handle of the first, also across two copies of the package, until it is shut down.
 *
 * @param options - wins over the environment: docs/reference/configuration.md
 */
export function start(options: StartOptions = {}): Telemetry {
  const running = currentRun();
  if (running !== undefined && isPreloaded) reportIgnored(options);
  return running ?? startOrIdle(options, 'application');
}

let isPreloaded = false;

/** Starts telemetry before the application's first line. */
export function startPreload(): Telemetry {
  isPreloaded = true;
  return currentRun() ?? startOrIdle({}, 'preload');
}

/** Whoever writes options means them; that the preload came first is easily overlooked. */
function reportIgnored(options: StartOptions): void {
  const names = Object.keys(options);
  if (names.length === 0) return;
  notify({
    code: 'DUOTEL_CONFIG_CONFLICT',
    message: `The preload had started telemetry before start() was called with ${names.join(', ')}, which has no effect. Put that call into a module of your own and load it with --import in place of the preload.`,
  });
}

/** Who starts: in a preload, the application cannot have made tracers yet. */
type Starter = 'application' | 'preload';

function startOrIdle(options: StartOptions, starter: Starter): Telemetry {
  try {
    return begin(options, starter === 'preload');
  } catch (cause) {
    notify({
      code: 'DUOTEL_START_FAILED',
      message: `Telemetry did not start: ${describeCause(cause)}. The program runs without it.`,
    });
    return createIdleHandle(undefined);
  }
}

function begin(options: StartOptions, isPreload: boolean): Telemetry {
  const settled = settle(options);
  const { config } = settled;
  if (config.disabled) return createIdleHandle(settled);
  useRedaction(config.redaction);
  const { resource, facts, application, issues } = describeProcess(config);
  const resolution = withIssues(settled, [...settled.issues, ...issues]);
  reportIssues(resolution.issues, config);

  const parts = isolatedParts(options, config);
  const ending = createEnding();
  const pipelines = createPipelines({
    config,
    options: parts.options,
    resource,
    facts,
    onPending: ending.notePending,
  });
  const early = isPreload ? undefined : application;
  const slots = takeSlots(pipelines.providers, config, parts.options, { facts, early });
  const errors = createErrors({
    config: config.errors,
    options: options.errors,
    meterProvider: facades.metrics,
    loggerProvider: facades.logs,
  });
  const instrumentation = instrument({
    providers: facades,
    take: pipelines.scrape.take,
    onServerError: errors.onServerError,
    config,
    given: options.instrumentations,
    facts,
    isPreload,
    isGuest: slots.isGuest,
  });

  const telemetry = createHandle({
    resolution,
    pipelines: parts.alongside(pipelines.signals),
    budgetMillis: () => drainBudgetMillis(config.shutdownTimeoutMillis),
    destinations: pipelines.destinations,
    tail: pipelines.tail,
    scrapeAddress: pipelines.scrape.address,
    instrumentations: instrumentation.status,
    metricsHandler: pipelines.scrape.handler,
    retire() {
      instrumentation.stop();
      errors.stop();
      pipelines.retire();
    },
    finished() {
      // Not before: a program may end in the midst of its shutdown.
      ending.settle();
      slots.release();
      setCurrentRun(undefined);
    },
  });
  ending.expect({ pipelines, errors, flush: () => telemetry.forceFlush(), config, facts });
  const { urlTemplate: traceUrlTemplate } = config.traceLinks;
  setCurrentRun(telemetry, { traceUrlTemplate, captureError: errors.capture, sentryFeed: pipelines.sentryFeed });
  return telemetry;
}
