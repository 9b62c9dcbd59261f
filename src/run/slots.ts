/**
 * The API's slots for one run: facades, context and propagation go in, and come out again at the end.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import { createContextManager } from '../traces/context.ts';
import { createPropagation } from '../traces/propagation.ts';
import { claimApi, type Program } from './claim.ts';
import { bindAll, facades, releaseAll } from './facades.ts';
import type { ProviderSlots } from './globals.ts';
import type * as Sdk from './sdk.ts';

const load = createRequire(import.meta.url);

/** The slots, while they are ours. */
export interface TakenSlots {
  /** Another SDK has the tracers. */
  readonly isGuest: boolean;
  /** Points the facades at nothing and gives the slots back. */
  release(): void;
}

/** Takes the slots that are free and points them at the providers of this run. */
export function takeSlots(
  providers: ProviderSlots,
  config: Config,
  { propagator }: Pick<StartOptions, 'propagator'>,
  program: Program,
): TakenSlots {
  const context = createContextManager();
  const propagation = createPropagation(() => propagator ?? (load('./sdk.ts') as typeof Sdk).createPropagator(config));
  const claim = claimApi({ ...facades, context, propagation }, config, program);
  bindAll(providers);
  return {
    isGuest: claim.held.some(({ slot }) => slot === 'trace'),
    release() {
      releaseAll();
      claim.release();
      context.disable();
    },
  };
}
