/**
 * A span around a piece of the user's work.
 *
 * Layer: traces.
 */
import { context, ROOT_CONTEXT, type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';
import { describeCause, guard } from '../core/guard.ts';

const NOOP_SPAN: Span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });

/**
 * Runs `work` inside a span of that name and gives back what it gives, a promise included.
 *
 * The span ends when the work ends. An error marks the span and passes through untouched; `work` runs exactly once,
 * also where telemetry is broken.
 *
 * @param options - as for `tracer.startSpan`: kind, attributes, links, `root`
 */
export function withSpan<T>(name: string, work: (span: Span) => T, options: SpanOptions = {}): T {
  const span = guard('withSpan', () => trace.getTracer('duotel').startSpan(name, options), NOOP_SPAN);
  const scope = guard('withSpan', () => trace.setSpan(context.active(), span), ROOT_CONTEXT);
  let result: T;
  try {
    result = context.with(scope, work, undefined, span);
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    guard('withSpan', () => span.end(), undefined);
    return result;
  }
  return endWith(span, result) as T;
}

/** Ends the span when the promise settles. A thenable that throws when it is asked is given back as it came. */
function endWith<T>(span: Span, result: Promise<T>): Promise<T> {
  try {
    return result.then(
      (value) => {
        guard('withSpan', () => span.end(), undefined);
        return value;
      },
      (error: unknown) => {
        fail(span, error);
        throw error;
      },
    );
  } catch (error) {
    fail(span, error);
    return result;
  }
}

function fail(span: Span, error: unknown): void {
  guard(
    'withSpan',
    () => {
      span.recordException(error instanceof Error ? error : describeCause(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: describeCause(error) });
      span.end();
    },
    undefined,
  );
}

function isThenable(value: unknown): value is Promise<unknown> {
  return guard('withSpan', () => typeof (value as Promise<unknown> | null | undefined)?.then === 'function', false);
}
