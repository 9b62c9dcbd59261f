/** The error as Sentry got it, on the trace it broke. */
import type { ReceivedEnvelope, ReceivedSpan } from '../../src/testing.ts';
import { bold, dim, green, red } from './style.ts';

/** What the demo shows of an event; the protocol has more. */
interface ErrorEvent {
  readonly exception: {
    readonly values: readonly {
      readonly type: string;
      readonly value: string;
      readonly stacktrace: { readonly frames: readonly Frame[] };
    }[];
  };
  readonly contexts: { readonly trace: { readonly trace_id: string; readonly span_id: string } };
  readonly request: { readonly method: string; readonly url: string };
}

interface Frame {
  readonly filename: string;
  readonly lineno: number;
}

/** The event of an error in this trace, once it is there. */
export function findErrorEvent(envelopes: readonly ReceivedEnvelope[], traceId: string): ErrorEvent | undefined {
  return envelopes
    .flatMap(({ items }) => items)
    .filter(({ type }) => type === 'event')
    .map(({ payload }) => payload as ErrorEvent)
    .find(({ contexts }) => contexts.trace.trace_id === traceId);
}

/** Lines of the section; `spans` are those of the trace. */
export function sentrySection(event: ErrorEvent, spans: readonly ReceivedSpan[]): string[] {
  const { exception, contexts, request } = event;
  const thrown = exception.values.at(-1);
  const frame = thrown?.stacktrace.frames.at(-1);
  const place = `${frame?.filename.split('/').at(-1)}:${frame?.lineno}`;
  const span = spans.find(({ spanId }) => spanId === contexts.trace.span_id);
  const path = new URL(request.url).pathname;
  return [
    `${bold('Its error in Sentry')}  nobody called Sentry`,
    `  ${red(`${thrown?.type}: ${thrown?.value}`)}  ${dim(place)}`,
    `  in ${request.method} ${path}, span ${span?.name ?? red('unknown')}, trace ${dim(`${contexts.trace.trace_id.slice(0, 8)}…`)}  ${span === undefined ? red('different') : green('the same')}`,
  ];
}
