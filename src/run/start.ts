/**
 * Starts telemetry: one stage after the other, each with the results of those before it.
 *
 * Layer: run.
 */
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { TextMapPropagator } from '@opentelemetry/api';
import { describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { StartOptions } from '../config/options.ts';
import { createPropagator } from '../traces/propagators.ts';
import { bindings, facades } from './facades.ts';
import { claimApi } from './claim.ts';
import { drainBudgetMillis } from './drain-budget.ts';
import { drainAtNaturalEnd } from './exit.ts';
import { createHandle, createIdleHandle } from './handle.ts';
import { instrument } from './instrumentation.ts';
import { createPipelines } from './pipelines.ts';
import { reportIssues } from './report.ts';
import { describeProcess, settle } from './settle.ts';
import { currentRun, setCurrentRun } from './current-run.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Starts telemetry for this process or thread.
 *
 * Synchronous; never throws: whatever goes wrong costs telemetry, not the program, and is told in one coded line.
 * A second call returns the handle of the first, also across two copies of the package, until it is shut down.
 */
export function start(options: StartOptions = {}): Telemetry {
  const running = currentRun();
  if (running !== undefined) return running;
  try {
    return begin(options);
  } catch (cause) {
    notify({
      code: 'DUOTEL_START_FAILED',
      message: `Telemetry did not start: ${describeCause(cause)}. The program runs without it.`,
    });
    return createIdleHandle(undefined);
  }
}

function begin(options: StartOptions): Telemetry {
  const resolution = settle(options);
  const { config } = resolution;
  if (config.disabled) return createIdleHandle(resolution);
  const { resource, facts, issues } = describeProcess(config);
  reportIssues([...resolution.issues, ...issues], config);
  const pipelines = createPipelines({ config, options, resource, facts });
  const context = new AsyncLocalStorageContextManager().enable();
  const propagation = (options.propagator as TextMapPropagator | undefined) ?? createPropagator(config.propagators);
  const claim = claimApi({ ...facades, context, propagation }, config, facts);
  bindings.trace.bind(pipelines.providers.trace);
  bindings.metrics.bind(pipelines.providers.metrics);
  bindings.logs.bind(pipelines.providers.logs);
  const instrumentation = instrument(facades);
  const telemetry = createHandle({
    resolution: { ...resolution, issues: [...resolution.issues, ...issues] },
    pipelines: pipelines.signals,
    budgetMillis: () => drainBudgetMillis(config.shutdownTimeoutMillis),
    destinations: pipelines.destinations,
    scrapeAddress: pipelines.scrape.address,
    metricsHandler: pipelines.scrape.handler,
    retire() {
      instrumentation.stop();
      removeHook();
    },
    finished() {
      for (const binding of Object.values(bindings)) binding.release();
      claim.release();
      context.disable();
      setCurrentRun(undefined);
    },
  });
  const removeHook = drainAtNaturalEnd(() => telemetry.forceFlush());
  setCurrentRun(telemetry);
  return telemetry;
}
