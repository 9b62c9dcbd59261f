/**
 * Rules and a rate limit in front of a sampler.
 *
 * They decide about local roots, the first span of a trace in this process. Spans below follow, so that what is recorded
 * here is whole.
 * Layer: traces. Loaded when rules or a rate limit are configured.
 */
import { type Context, isSpanContextValid, type SpanContext, trace, TraceFlags } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import type { SamplingConfig } from '../config/config.ts';
import { type Clock, monotonicMillis } from '../core/clock.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import { createRules, type Rules } from './sampling-rules.ts';

export interface LocalRootSamplerInput extends Pick<SamplingConfig, 'rules' | 'tracesPerSecond'> {
  /** Decides where no rule matches. */
  readonly otherwise: Sampler;
  /** Whether a caller in another process that did not sample settles it. */
  readonly obeysRemote: boolean;
  /** Default: the clock of the process. */
  readonly now?: Clock;
}

const DROP: SamplingResult = { decision: SamplingDecision.NOT_RECORD };
const KEEP: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED };

export class LocalRootSampler implements Sampler {
  readonly #input: LocalRootSamplerInput;
  readonly #rules: Rules;
  readonly #rateLimit: RateLimit | undefined;

  constructor(input: LocalRootSamplerInput) {
    const { rules, tracesPerSecond, now = monotonicMillis } = input;
    this.#input = input;
    this.#rules = createRules(rules);
    this.#rateLimit = tracesPerSecond === undefined ? undefined : createRateLimit(tracesPerSecond, now);
  }

  shouldSample(...span: Parameters<Sampler['shouldSample']>): SamplingResult {
    const parent = parentOf(span[0]);
    if (parent !== undefined && (!parent.isRemote || this.#input.obeysRemote)) {
      const isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
      if (!isSampled) return DROP;
      if (!parent.isRemote) return KEEP;
    }
    const result = this.#decide(span);
    if (result.decision !== SamplingDecision.RECORD_AND_SAMPLED) return result;
    return this.#rateLimit?.() === false ? DROP : result;
  }

  #decide(span: Parameters<Sampler['shouldSample']>): SamplingResult {
    const [, traceId, name, , attributes] = span;
    const isKept = this.#rules({ traceId, name, attributes });
    if (isKept === undefined) return this.#input.otherwise.shouldSample(...span);
    return isKept ? KEEP : DROP;
  }

  toString(): string {
    const { rules, tracesPerSecond, otherwise } = this.#input;
    const limit = tracesPerSecond === undefined ? '' : `, ${tracesPerSecond}/s`;
    return `LocalRoot{${rules.length} rules, ${otherwise.toString()}${limit}}`;
  }
}

function parentOf(context: Context): SpanContext | undefined {
  const parent = trace.getSpanContext(context);
  return parent !== undefined && isSpanContextValid(parent) ? parent : undefined;
}
