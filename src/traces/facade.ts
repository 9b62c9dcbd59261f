/**
 * The tracer provider that sits in the API's global slot, in front of the SDK's provider of the moment.
 *
 * Cannot throw into the application: what the SDK stumbles over costs the value, not the span.
 * Layer: traces. See `core/binding.ts` for why there is a facade.
 */
import {
  context as contextApi,
  type Context,
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { Binding } from '../core/binding.ts';
import { degrade } from '../core/guard.ts';
import { readablePart, readProperty, readScalar } from '../core/readable-part.ts';
import { scopeArguments } from '../core/scope.ts';
import { isContext } from './context.ts';

/** Makes a tracer provider whose tracers follow `binding`. */
export function createTracerFacade(binding: Binding<TracerProvider>): TracerProvider {
  return {
    getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
      const scope = scopeArguments<TracerOptions>(name, version, options);
      return new TracerFacade(binding.follow((provider) => provider.getTracer(...scope)));
    },
  };
}

/** A binding whose idle provider makes non-recording spans. */
export function createTracerBinding(): Binding<TracerProvider> {
  return new Binding<TracerProvider>(new ProxyTracerProvider());
}

/** Where it is counted. */
const START = 'traces.startSpan';

type Work<T> = (span: Span) => T;

class TracerFacade implements Tracer {
  readonly #current: () => Tracer;

  constructor(current: () => Tracer) {
    this.#current = current;
  }

  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    try {
      return this.#current().startSpan(name, options, context);
    } catch (cause) {
      degrade(START, cause);
      return this.#startReadable(name, options, context);
    }
  }

  // The forms of the API differ in which of options and context are left out; the work comes last.
  startActiveSpan<F extends Work<unknown>>(name: string, ...rest: [unknown?, unknown?, unknown?]): ReturnType<F> {
    if (rest.length === 0) return undefined as ReturnType<F>;
    const work = rest[rest.length - 1] as Work<ReturnType<F>>;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : undefined;
    const given = rest.length > 2 ? rest[1] : undefined;
    const parent = isContext(given) ? given : contextApi.active();
    const span = this.startSpan(name, options, parent);
    // Outside of any guard: this is the application's work.
    return contextApi.with(trace.setSpan(parent, span), work, undefined, span);
  }

  /** Once more with what can be read of the options: links and times are what else may have failed. */
  #startReadable(name: string, options: unknown, context: unknown): Span {
    try {
      const parent = isContext(context) ? context : contextApi.active();
      return this.#current().startSpan(name, readableOptions(options), parent);
    } catch (cause) {
      degrade(START, cause);
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
  }
}

function readableOptions(options: unknown): SpanOptions {
  if (typeof options !== 'object' || options === null) return {};
  const readable: Partial<Record<keyof SpanOptions, unknown>> = {
    kind: readScalar(START, options, 'kind'),
    root: readScalar(START, options, 'root') === true,
    attributes: readablePart(START, readProperty(START, options, 'attributes')),
  };
  return readable as SpanOptions;
}
