/**
 * Starts telemetry: one stage after the other, each with the results of those before it.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type * as outagesModule from '../delivery/outages.ts';
import { createErrors, type Errors } from '../errors/errors.ts';
import { createContextManager } from '../traces/context.ts';
import { createPropagator, guardPropagation } from '../traces/propagators.ts';
import { bindAll, facades, releaseAll } from './facades.ts';
import { claimApi } from './claim.ts';
import { drainBudgetMillis, exitBudgets } from './drain-budget.ts';
import { type ExitHooks, installExitHooks } from './exit.ts';
import { createHandle, createIdleHandle } from './handle.ts';
import { instrument } from './instrumentation.ts';
import { NO_LOSS, tellLosses, untoldLoss } from './losses.ts';
import { createPipelines, type Pipelines } from './pipelines.ts';
import { reportIssues } from './report.ts';
import { describeProcess, settle } from './settle.ts';
import { currentRun, setCurrentRun } from './current-run.ts';
import type { Telemetry } from './telemetry.ts';
import type * as userPartsModule from './user-parts.ts';
import type { IsolatedParts } from './user-parts.ts';

const load = createRequire(import.meta.url);

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
  const resolution = settle(options);
  const { config } = resolution;
  if (config.disabled) return createIdleHandle(resolution);
  const { resource, facts, application, issues } = describeProcess(config);
  reportIssues([...resolution.issues, ...issues], config);
  let hooks: ExitHooks | undefined;
  const onPending = (): void => hooks?.notePending();
  const parts = isolated(options, config);
  const pipelines = createPipelines({ config, options: parts.options, resource, facts, onPending });
  const context = createContextManager();
  const propagation = guardPropagation(parts.options.propagator ?? createPropagator(config));
  const claim = claimApi({ ...facades, context, propagation }, config, {
    facts,
    early: isPreload ? undefined : application,
  });
  bindAll(pipelines.providers);
  const errors = createErrors({
    config: config.errors,
    options: options.errors,
    meterProvider: facades.metrics,
    loggerProvider: facades.logs,
  });
  pipelines.sentry.captureWith(errors.capture);
  const instrumentation = instrument({
    providers: facades,
    take: pipelines.scrape.take,
    onServerError: errors.onServerError,
    config,
    given: options.instrumentations,
    facts,
    isPreload,
    isGuest: claim.held.some(({ slot }) => slot === 'trace'),
  });
  const telemetry = createHandle({
    resolution: { ...resolution, issues: [...resolution.issues, ...issues] },
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
      hooks?.remove();
      tellLosses(NO_LOSS, untoldLoss(pipelines.destinations(), tellOutages));
      releaseAll();
      claim.release();
      context.disable();
      setCurrentRun(undefined);
    },
  });
  hooks = installHooks(telemetry, pipelines, { config, facts, errors });
  setCurrentRun(telemetry, {
    traceUrlTemplate: config.traceLinks.urlTemplate,
    captureError: errors.capture,
    sentryFeed: pipelines.sentryFeed,
  });
  return telemetry;
}

/** Sees to it that the end of the process, whichever it is, comes after telemetry has left. */
function installHooks(
  telemetry: Telemetry,
  pipelines: Pipelines,
  { config, facts, errors }: { readonly config: Config; readonly facts: ProcessFacts; readonly errors: Errors },
): ExitHooks {
  return installExitHooks({
    sealed: () => {
      errors.flush();
      return pipelines.takeForExit();
    },
    pending: () => pipelines.pending() || errors.isHolding(),
    drain: async () => {
      errors.flush();
      await telemetry.forceFlush();
      if (pipelines.destinations().some(({ state }) => state === 'failing')) tellOutages();
    },
    untold: () => untoldLoss(pipelines.destinations(), tellOutages),
    budgets: exitBudgets(config),
    signals: facts.threadId === 0 ? config.signals : 'off',
  });
}

/** The user's parts behind their guards; without parts nothing is loaded. */
function isolated(options: StartOptions, config: Config): IsolatedParts {
  if (PARTS.every((name) => options[name] === undefined)) return { options, alongside: (pipelines) => pipelines };
  return (load('./user-parts.ts') as typeof userPartsModule).isolateParts(options, config);
}

const PARTS = ['spanProcessors', 'logRecordProcessors', 'sampler', 'propagator'] as const;

/** Loads what the destination that failed has loaded before. */
function tellOutages(): number {
  return (load('../delivery/outages.ts') as typeof outagesModule).outages.tellLosses();
}
