/**
 * The user's span processors, sampler and propagator, each behind a guard.
 *
 * Called for every span, so a guard is a `try` around a direct call and allocates nothing.
 * Layer: traces. Loaded when `start()` was given one of them.
 */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import {
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  type Span,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { acceptPart, acceptParts, type PartKind, type UserPart } from '../core/user-part.ts';

/** A processor whose `forceFlush()` does not hold up those beside it: waiting is done in `flushed()`. */
export type GuardedSpanProcessor = SpanProcessor & { flushed(): Promise<void> };

/** The span processors, guarded. */
export function acceptSpanProcessors(given: unknown): GuardedSpanProcessor[] {
  return acceptParts('spanProcessors', given, SPAN_PROCESSOR);
}

/**
 * The sampler, guarded: `fallback` decides where it throws or answers with something that is no decision.
 *
 * `undefined`, with a line, if it is no sampler.
 */
export function acceptSampler(given: unknown, fallback: () => Sampler): Sampler | undefined {
  const kind: PartKind<Sampler, Sampler> = {
    noun: 'a Sampler',
    methods: ['shouldSample'],
    remaining: 'The sampler of the configuration decides in its place.',
    guard: (sampler, part) => new GuardedSampler(sampler, part, fallback()),
  };
  return acceptPart('sampler', given, kind);
}

/** The propagator, guarded: `fallback` takes over the calls it fails. `undefined`, with a line, if it is none. */
export function acceptPropagator(given: unknown, fallback: () => TextMapPropagator): TextMapPropagator | undefined {
  const kind: PartKind<TextMapPropagator, TextMapPropagator> = {
    noun: 'a TextMapPropagator',
    methods: ['inject', 'extract'],
    remaining: 'The propagators of the configuration take its place.',
    guard: (propagator, part) => new GuardedPropagator(propagator, part, fallback()),
  };
  return acceptPart('propagator', given, kind);
}

class GuardedProcessor implements GuardedSpanProcessor {
  readonly #processor: SpanProcessor;
  readonly #part: UserPart;
  #flush: Promise<void> = Promise.resolve();
  /** Only there if the processor has it: it is optional, and the SDK looks. */
  onEnding?: (span: Span) => void;

  constructor(processor: SpanProcessor, part: UserPart) {
    this.#processor = processor;
    this.#part = part;
    if (typeof processor.onEnding === 'function') this.onEnding = (span) => this.#onEnding(span);
  }

  onStart(span: Span, parentContext: Context): void {
    try {
      const returned: unknown = this.#processor.onStart(span, parentContext);
      if (returned !== undefined) this.#part.watch(returned);
    } catch (cause) {
      this.#part.failed(cause);
    }
  }

  onEnd(span: ReadableSpan): void {
    try {
      const returned: unknown = this.#processor.onEnd(span);
      if (returned !== undefined) this.#part.watch(returned);
    } catch (cause) {
      this.#part.failed(cause);
    }
  }

  async forceFlush(): Promise<void> {
    this.#flush = this.#part.settle(() => this.#processor.forceFlush());
  }

  flushed(): Promise<void> {
    return this.#flush;
  }

  shutdown(): Promise<void> {
    return this.#part.settle(() => this.#processor.shutdown());
  }

  #onEnding(span: Span): void {
    try {
      const returned: unknown = this.#processor.onEnding?.(span);
      if (returned !== undefined) this.#part.watch(returned);
    } catch (cause) {
      this.#part.failed(cause);
    }
  }
}

const SPAN_PROCESSOR: PartKind<SpanProcessor, GuardedSpanProcessor> = {
  noun: 'a SpanProcessor',
  methods: ['onStart', 'onEnd'],
  remaining: 'Other processors and destinations are not affected.',
  guard: (processor, part) => new GuardedProcessor(processor, part),
};

class GuardedSampler implements Sampler {
  readonly #sampler: Sampler;
  readonly #part: UserPart;
  readonly #fallback: Sampler;

  constructor(sampler: Sampler, part: UserPart, fallback: Sampler) {
    this.#sampler = sampler;
    this.#part = part;
    this.#fallback = fallback;
  }

  shouldSample(...input: Parameters<Sampler['shouldSample']>): SamplingResult {
    try {
      const result = this.#sampler.shouldSample(...input);
      if (isDecision(result.decision)) return result.attributes === undefined ? result : withOwnAttributes(result);
      this.#part.watch(result);
      this.#part.failed(new TypeError('its answer has no sampling decision'));
    } catch (cause) {
      this.#part.failed(cause);
    }
    return this.#fallback.shouldSample(...input);
  }

  toString(): string {
    try {
      return this.#sampler.toString();
    } catch (cause) {
      this.#part.failed(cause);
      return 'sampler';
    }
  }
}

function isDecision(decision: unknown): decision is SamplingDecision {
  return (
    decision === SamplingDecision.RECORD_AND_SAMPLED ||
    decision === SamplingDecision.NOT_RECORD ||
    decision === SamplingDecision.RECORD
  );
}

/** Reads each attribute here, where a getter that throws is the sampler's failure. */
function withOwnAttributes({ decision, attributes, traceState }: SamplingResult): SamplingResult {
  return { decision, attributes: { ...attributes }, ...(traceState && { traceState }) };
}

class GuardedPropagator implements TextMapPropagator {
  readonly #propagator: TextMapPropagator;
  readonly #part: UserPart;
  readonly #fallback: TextMapPropagator;

  constructor(propagator: TextMapPropagator, part: UserPart, fallback: TextMapPropagator) {
    this.#propagator = propagator;
    this.#part = part;
    this.#fallback = fallback;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    try {
      const returned: unknown = this.#propagator.inject(context, carrier, setter);
      if (returned !== undefined) this.#part.watch(returned);
    } catch (cause) {
      this.#part.failed(cause);
      this.#fallback.inject(context, carrier, setter);
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    try {
      const extracted = this.#propagator.extract(context, carrier, getter);
      if (typeof extracted.getValue === 'function') return extracted;
      this.#part.watch(extracted);
      this.#part.failed(new TypeError('what it extracted is no Context'));
    } catch (cause) {
      this.#part.failed(cause);
    }
    return this.#fallback.extract(context, carrier, getter);
  }

  fields(): string[] {
    try {
      const fields: unknown = this.#propagator.fields();
      if (Array.isArray(fields)) return fields as string[];
      this.#part.failed(new TypeError('its fields are no list'));
    } catch (cause) {
      this.#part.failed(cause);
    }
    return this.#fallback.fields();
  }
}
