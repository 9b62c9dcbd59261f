/**
 * The tracer provider that sits in the API's global slot, in front of the SDK's provider of the moment.
 *
 * Layer: traces. See `core/binding.ts` for why.
 */
import {
  type Context,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { Binding } from '../core/binding.ts';

/** Makes a tracer provider whose tracers follow `binding`. */
export function createTracerFacade(binding: Binding<TracerProvider>): TracerProvider {
  return {
    getTracer: (name: string, version?: string, options?: TracerOptions): Tracer =>
      new TracerFacade(binding.follow((provider) => provider.getTracer(name, version, options))),
  };
}

/** A binding whose idle provider makes non-recording spans. */
export function createTracerBinding(): Binding<TracerProvider> {
  return new Binding<TracerProvider>(new ProxyTracerProvider());
}

class TracerFacade implements Tracer {
  readonly #current: () => Tracer;

  constructor(current: () => Tracer) {
    this.#current = current;
  }

  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    return this.#current().startSpan(name, options, context);
  }

  // The four overloads of the API differ only in which arguments are left out, so they are passed on as they came.
  startActiveSpan<F extends (span: Span) => unknown>(...args: [string, ...unknown[], F]): ReturnType<F> {
    const tracer = this.#current() as { startActiveSpan(...passed: unknown[]): ReturnType<F> };
    return tracer.startActiveSpan(...args);
  }
}
