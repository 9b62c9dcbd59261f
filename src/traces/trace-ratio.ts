/**
 * Whether a trace is in a share of all traces: the same answer in every process, and wherever a ratio is used.
 *
 * The decision is that of the SDK's sampler, so a smaller ratio takes part of what a larger one takes.
 * Layer: traces. Source: OpenTelemetry "Tracing SDK", TraceIdRatioBased.
 */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';

/** Makes the test for `ratio`, from 0 to 1. */
export function createTraceRatio(ratio: number): (traceId: string) => boolean {
  if (ratio >= 1) return () => true;
  if (ratio <= 0) return () => false;
  const sampler = new TraceIdRatioBasedSampler(ratio);
  // Spans of one trace come one after the other, mostly.
  let [lastId, lastAnswer] = ['', false];
  return (traceId) => {
    if (traceId === lastId) return lastAnswer;
    lastId = traceId;
    lastAnswer = sampler.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
    return lastAnswer;
  };
}
