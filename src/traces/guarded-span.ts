/**
 * Makes the methods of the SDK's spans safe for values that throw when they are read.
 *
 * The methods are replaced on the prototype, once: a span around each span would cost an allocation and hide the
 * span's fields from processors (docs/decisions/0006-guarded-doors.md). The class is not exported, so its prototype is
 * taken from a span. In our bundle the copy of the SDK is private; spans of any other SDK are not touched.
 * Layer: traces.
 */
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { degrade, describeCause } from '../core/guard.ts';
import { readablePart } from '../core/readable-part.ts';
import { announceException } from './exception-watch.ts';

type Method = (this: Span, ...given: unknown[]) => unknown;
type MethodName =
  | 'setAttribute'
  | 'setAttributes'
  | 'setStatus'
  | 'addEvent'
  | 'addLink'
  | 'addLinks'
  | 'recordException'
  | 'end';

/** Arguments of a second attempt, made of what can be read; `undefined`: there is nothing to attempt. */
const READABLE: Record<MethodName, (first: unknown, second: unknown) => unknown[] | undefined> = {
  setAttribute: () => undefined,
  setAttributes: (attributes) => [readablePart('span.setAttributes', attributes)],
  setStatus: () => undefined,
  addEvent: (name, attributes) => [name, readablePart('span.addEvent', attributes)],
  addLink: () => undefined,
  addLinks: () => undefined,
  recordException: (exception) => [describeCause(exception)],
  end: () => [],
};

let isDone = false;

/** Guards all spans of this copy of the SDK. */
export function guardSpans(): void {
  if (isDone) return;
  isDone = true;
  // The defaults of the provider would look at the process and at the parent.
  const provider = new TracerProvider({ resource: emptyResource(), sampler: new AlwaysOnSampler() });
  const span = provider.getTracer('').startSpan('', { root: true }, ROOT_CONTEXT);
  const prototype = Object.getPrototypeOf(span) as Record<MethodName, Method>;
  prototype.setAttributes = only(isObject, prototype.setAttributes);
  prototype.addLinks = only(Array.isArray, prototype.addLinks);
  for (const name of Object.keys(READABLE) as MethodName[]) prototype[name] = guarded(name, prototype[name]);
  announceExceptions(prototype);
  // Spans that are not sampled have a class of their own, which does nothing.
  announceExceptions(Object.getPrototypeOf(trace.wrapSpanContext(INVALID_SPAN_CONTEXT)) as typeof prototype);
}

function announceExceptions(prototype: Record<'recordException', Method>): void {
  const { recordException } = prototype;
  prototype.recordException = function (this: Span, exception, time): unknown {
    announceException(this, exception);
    return recordException.call(this, exception, time);
  };
}

/** A text is a list of its characters to the SDK: a megabyte of it would hold the program for seconds. */
function only(isSound: (first: unknown) => boolean, method: Method): Method {
  return function (this: Span, first: unknown): unknown {
    if (!isSound(first)) throw new TypeError(`a ${typeof first} cannot be used`);
    return method.call(this, first);
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function guarded(name: MethodName, method: Method): Method {
  return function (this: Span, first: unknown, second: unknown, third: unknown): unknown {
    try {
      return method.call(this, first, second, third);
    } catch (cause) {
      degrade(`span.${name}`, cause);
      const readable = READABLE[name](first, second);
      return readable === undefined ? this : method.apply(this, readable);
    }
  };
}
