/**
 * The end of one run: what the end of the process sends, and the last line about what was lost.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { Config } from '../config/config.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type * as outagesModule from '../delivery/outages.ts';
import type { Errors } from '../errors/errors.ts';
import { exitBudgets } from './drain-budget.ts';
import { type ExitHooks, installExitHooks } from './exit.ts';
import { NO_LOSS, tellLosses, untoldLoss } from './losses.ts';
import type { Pipelines } from './pipelines.ts';

const load = createRequire(import.meta.url);

/** What ends. */
export interface EndingInput {
  readonly pipelines: Pipelines;
  /** Those of the end become telemetry before the rest leaves. */
  readonly errors: Pick<Errors, 'flush' | 'isHolding'>;
  /** Sends on the event loop within the budget of the process. */
  readonly flush: () => Promise<unknown>;
  readonly config: Pick<Config, 'shutdownTimeoutMillis' | 'signals'>;
  readonly facts: Pick<ProcessFacts, 'threadId'>;
}

/** The end of a run, whichever it is. */
export interface Ending {
  /** See {@link ExitHooks}. Before {@link expect} there is nothing to note. */
  readonly notePending: () => void;
  /** Sees to it that the end of the process comes after telemetry has left. */
  expect(input: EndingInput): void;
  /** The run ended before the process: tells what was lost, and leaves the process alone. */
  settle(): void;
}

/** The pipelines need it before it can be told what ends. */
export function createEnding(): Ending {
  let hooks: ExitHooks | undefined;
  let expected: EndingInput | undefined;
  return {
    notePending: () => hooks?.notePending(),
    expect(input) {
      expected = input;
      hooks = hookEnds(input);
    },
    settle() {
      hooks?.remove();
      if (expected !== undefined) tellLosses(NO_LOSS, untoldLoss(expected.pipelines.destinations(), tellOutages));
    },
  };
}

function hookEnds({ pipelines, errors, flush, config, facts }: EndingInput): ExitHooks {
  return installExitHooks({
    sealed: () => {
      errors.flush();
      return pipelines.takeForExit();
    },
    pending: () => pipelines.pending() || errors.isHolding(),
    drain: async () => {
      errors.flush();
      await flush();
      if (pipelines.destinations().some(({ state }) => state === 'failing')) tellOutages();
    },
    untold: () => untoldLoss(pipelines.destinations(), tellOutages),
    budgets: exitBudgets(config),
    signals: facts.threadId === 0 ? config.signals : 'off',
  });
}

/** Loads what the destination that failed has loaded before. */
function tellOutages(): number {
  return (load('../delivery/outages.ts') as typeof outagesModule).outages.tellLosses();
}
