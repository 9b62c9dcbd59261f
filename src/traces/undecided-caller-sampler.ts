/**
 * Lets a sampler decide as for the first span of a trace where the caller did not decide about the trace.
 *
 * A program with Sentry alone sends `sentry-trace: …-0` for the share of traces that Sentry is not to have. Taken for
 * “not sampled”, it would take the trace away from every other destination too.
 * Layer: traces. Loaded when `sentry-trace` is continued.
 */
import { trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace';
import { isUndecided } from './sentry-caller.ts';

export class UndecidedCallerSampler implements Sampler {
  readonly #sampler: Sampler;

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  shouldSample(...[context, ...span]: Parameters<Sampler['shouldSample']>): SamplingResult {
    return this.#sampler.shouldSample(isUndecided(context) ? trace.deleteSpan(context) : context, ...span);
  }

  toString(): string {
    return this.#sampler.toString();
  }
}
