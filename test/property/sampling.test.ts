/** Sampling against models that are slow and obvious. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  SamplingDecision,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import fc from '../support/fast-check.ts';
import { formatRules, parseRule, splitRules } from '../../src/config/sampling-rule.ts';
import { createPattern } from '../../src/traces/pattern.ts';
import { createRateLimit } from '../../src/traces/rate-limit.ts';
import { createRules } from '../../src/traces/sampling-rules.ts';
import { TailBuffer } from '../../src/traces/tail-buffer.ts';
import { createTraceRatio } from '../../src/traces/trace-ratio.ts';

const traceId = fc.stringMatching(/^[0-9a-f]{32}$/).filter((id) => !/^0+$/.test(id));
const PLAIN = { noNullPrototype: true } as const;
const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.5, 1));

test('every ratio decides as the official sampler does, and a smaller one takes part of what a larger one takes', () => {
  fc.assert(
    fc.property(traceId, share, share, (id, one, other) => {
      const official = new TraceIdRatioBasedSampler(one).shouldSample(ROOT_CONTEXT, id);
      const isOfficial = official.decision === SamplingDecision.RECORD_AND_SAMPLED;
      assert.equal(createTraceRatio(one)(id), isOfficial);
      const rules = createRules([{ conditions: [], ratio: one }]);
      assert.equal(rules({ traceId: id, name: '', attributes: {} }), isOfficial);
      const [smaller, larger] = one < other ? [one, other] : [other, one];
      assert.ok(!createTraceRatio(smaller)(id) || createTraceRatio(larger)(id));
    }),
  );
});

test('a pattern matches what a regular expression would', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (given, value) => {
      const escaped = given.replaceAll('.', String.raw`\.`).replaceAll('*', '.*');
      assert.equal(createPattern(given)(value), new RegExp(`^${escaped}$`, 's').test(value));
    }),
    { numRuns: 2000 },
  );
});

test('a rule reads the same after it was written as a line', () => {
  const word = fc.stringMatching(/^[a-z./:*-]{1,8}$/);
  const condition = fc.oneof(
    fc.record({ subject: fc.constantFrom('name' as const, 'route' as const), pattern: word }, PLAIN),
    fc.record(
      {
        subject: fc.constant('attribute' as const),
        key: word.filter((key) => key !== 'name' && key !== 'route'),
        pattern: word,
      },
      PLAIN,
    ),
  );
  const rule = fc.record({ conditions: fc.array(condition, { maxLength: 3 }), ratio: share }, PLAIN);
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), (rules) => {
      assert.deepEqual(splitRules(formatRules(rules)).map(parseRule), rules);
    }),
  );
});

test('no line of rules makes the reader throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void splitRules(text).map(parseRule)));
});

test('a rate limit lets through what the time allows, and never more in any stretch of time', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(pauses, fc.double({ min: 0.1, max: 50, noNaN: true }), (millis, perSecond) => {
      let now = 0;
      const isAllowed = createRateLimit(perSecond, () => now);
      const capacity = Math.max(1, perSecond);
      const passed: number[] = [];
      for (const pause of millis) {
        now += pause;
        if (isAllowed()) passed.push(now);
        // Whoever waited for the bucket to fill is never refused.
        else assert.ok(pause < (1000 / perSecond) * 1.001, `refused after ${pause} ms`);
      }
      for (const [first, from] of passed.entries())
        for (const [last, to] of passed.entries())
          if (last >= first) assert.ok(last - first + 1 <= capacity + ((to - from) / 1000) * perSecond + 1e-6);
    }),
    { numRuns: 50 },
  );
});

interface ModelTrace {
  readonly ends: number[];
  hasRootEnded: boolean;
  /** Of a span that ended no later than the root. */
  hasErrorInTime: boolean;
}

type Step =
  | { readonly do: 'root' }
  | { readonly do: 'child'; readonly of: number }
  | { readonly do: 'end'; readonly which: number; readonly isError: boolean }
  | { readonly do: 'flush' }
  | { readonly do: 'wait'; readonly millis: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('root' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('child' as const), of: fc.nat(1000) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(1000),
      isError: fc.nat(9).map((digit) => digit === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.nat(2000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
);

class Run {
  readonly kept: string[] = [];
  readonly traces: ModelTrace[] = [];
  readonly tail: TailBuffer;
  #now = 0;
  #due: { at: number; work: () => void } | undefined;
  readonly #open: {
    readonly span: Span;
    readonly traceIndex: number;
    readonly name: string;
    readonly isRoot: boolean;
  }[] = [];
  readonly #ended: { readonly span: Span; readonly traceIndex: number }[] = [];
  readonly #tracer: ReturnType<TracerProvider['getTracer']>;
  #spans = 0;

  constructor(ratio: number, maxSpans: number) {
    const sink: SpanProcessor = {
      onStart: () => undefined,
      onEnd: ({ name }) => void this.kept.push(name),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    this.tail = new TailBuffer({
      policy: { keepsErrors: true, slowMillis: undefined, ratio, waitMillis: 3000 },
      next: [sink],
      limits: { maxTraces: maxSpans / 2, maxSpans, maxBytes: maxSpans * 1500 },
      now: () => this.#now,
      timer: (work, delayMillis) => {
        this.#due = { at: this.#now + delayMillis, work };
        return () => (this.#due = undefined);
      },
    });
    this.#tracer = new TracerProvider({ spanProcessors: [this.tail] }).getTracer('test');
  }

  take(next: Step): void {
    if (next.do === 'root')
      this.#start(this.traces.push({ ends: [], hasRootEnded: false, hasErrorInTime: false }) - 1, undefined);
    else if (next.do === 'child') this.#startBelow(next.of);
    else if (next.do === 'end') this.#end(next.which, next.isError);
    else if (next.do === 'flush') this.tail.decideAll();
    else this.#wait(next.millis);
  }

  endAll(): void {
    while (this.#open.length > 0) this.#end(0, false);
  }

  #startBelow(number: number): void {
    // Also below spans that have ended.
    const parents = [...this.#open, ...this.#ended];
    const parent = parents[number % Math.max(1, parents.length)];
    if (parent !== undefined) this.#start(parent.traceIndex, parent.span);
  }

  #start(traceIndex: number, parent: Span | undefined): void {
    const name = `${traceIndex}.${this.#spans++}`;
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.INTERNAL }, context);
    this.#open.push({ span, traceIndex, name, isRoot: parent === undefined });
  }

  #end(which: number, isError: boolean): void {
    const [ended] = this.#open.splice(which % Math.max(1, this.#open.length), 1);
    if (ended === undefined) return;
    if (isError) ended.span.setStatus({ code: SpanStatusCode.ERROR });
    ended.span.end();
    this.#ended.push(ended);
    const known = this.traces[ended.traceIndex] as ModelTrace;
    known.ends.push(Number(ended.name.split('.')[1]));
    known.hasErrorInTime ||= isError && !known.hasRootEnded;
    known.hasRootEnded ||= ended.isRoot;
  }

  #wait(millis: number): void {
    this.#now += millis;
    const due = this.#due;
    if (due === undefined || due.at > this.#now) return;
    this.#due = undefined;
    due.work();
  }
}

test('a local trace is there whole or not at all, whatever the order of events, and every span is counted', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.constantFrom(0, 0.5),
      fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(1000)),
      (steps, ratio, maxSpans) => {
        const run = new Run(ratio, maxSpans);
        for (const next of steps) {
          // Without limits and flushes nothing is decided early, and the decision is known exactly.
          if (maxSpans === 1000 && (next.do === 'wait' || next.do === 'flush')) continue;
          run.take(next);
          assert.ok(run.tail.heldSpans <= maxSpans);
          const ended = run.traces.reduce((sum, { ends }) => sum + ends.length, 0);
          const { keptSpans, droppedSpans, heldSpans } = run.tail.stats();
          assert.equal(keptSpans + droppedSpans + heldSpans, ended);
          assert.equal(keptSpans, run.kept.length);
        }
        run.endAll();
        run.tail.decideAll();
        assert.equal(run.tail.heldSpans, 0);
        const early = Object.values(run.tail.stats().earlyDecisions).reduce((sum, count) => sum + count, 0);
        for (const [index, { ends, hasErrorInTime }] of run.traces.entries()) {
          const kept = run.kept
            .filter((name) => name.startsWith(`${index}.`))
            .map((name) => Number(name.split('.')[1]));
          assert.ok(
            kept.length === 0 || kept.length === ends.length,
            `trace ${index}: ${kept.length} of ${ends.length}`,
          );
          assert.deepEqual(kept, kept.length === 0 ? [] : ends, 'in the order in which they ended');
          if (ratio > 0) continue;
          if (early === 0) assert.equal(kept.length > 0, hasErrorInTime);
          else assert.ok(kept.length === 0 || hasErrorInTime);
        }
      },
    ),
    { numRuns: 200 },
  );
});
