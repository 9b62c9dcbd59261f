/**
 * The address at which people find a trace.
 *
 * Layer: core. The template comes from `config/trace-links.ts`.
 */
import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { type Clock, epochMillis } from './clock.ts';

/** How far around now a back end should look, so that the link still finds the trace when it is opened a week later. */
const AROUND_MILLIS = 3_600_000;

const PLACEHOLDER = /\{(traceId|spanId|from|to)\}/g;

/** Address of the trace a span belongs to; `undefined` for one that is not sampled, which no back end has. */
export function traceUrlOf(
  template: string,
  span: SpanContext | undefined,
  clock: Clock = epochMillis,
): string | undefined {
  if (span === undefined || !isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  const now = clock();
  const values: Record<string, string> = {
    traceId: span.traceId,
    spanId: span.spanId,
    from: `${now - AROUND_MILLIS}`,
    to: `${now + AROUND_MILLIS}`,
  };
  return template.replaceAll(PLACEHOLDER, (_, name: string) => values[name] as string);
}
