/**
 * fast-check with a seed of the run: the same values each time, so that what lands is decided by the change and not
 * by luck; a long run, or `DUOTEL_TEST_SEED`, looks elsewhere. A failure prints its seed.
 */
import * as fc from 'fast-check';

const FIXED_SEED = 20_261_121;

/** Whole number, the start of every generator of this run. */
export const TEST_SEED: number = resolveSeed(process.env);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: TEST_SEED });

export * from 'fast-check';
export default fc;

function resolveSeed(env: NodeJS.ProcessEnv): number {
  if (env.DUOTEL_TEST_SEED !== undefined) return Number(env.DUOTEL_TEST_SEED);
  return env.DUOTEL_TEST_LONG === '1' ? Date.now() % 2 ** 31 : FIXED_SEED;
}
