/**
 * The address of the trace in progress.
 *
 * Layer: run.
 */
import { trace } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import { traceUrlOf } from '../core/trace-url.ts';
import { runningTraceUrlTemplate } from './current-run.ts';

/**
 * Address at which the current trace can be looked at, for error pages, chat messages and tickets.
 *
 * `undefined` outside of a span, in a trace that is not sampled, and where neither `DUOTEL_GRAFANA_URL` nor
 * `DUOTEL_TRACE_URL` says where traces are. The trace is there once its spans are sent. Never throws.
 */
export function currentTraceUrl(): string | undefined {
  const template = runningTraceUrlTemplate();
  if (template === undefined) return undefined;
  return guard('trace.url', () => traceUrlOf(template, trace.getActiveSpan()?.spanContext()), undefined);
}
