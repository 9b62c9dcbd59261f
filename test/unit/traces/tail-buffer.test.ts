import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ROOT_CONTEXT, type Span, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { AlwaysOffSampler, type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TailPolicy } from '../../../src/config/config.ts';
import type { HoldLimits } from '../../../src/traces/local-traces.ts';
import { TailBuffer } from '../../../src/traces/tail-buffer.ts';
import { createVirtualTime } from '../delivery/virtual-time.ts';

const POLICY: TailPolicy = { keepsErrors: true, slowMillis: 1000, ratio: 0, waitMillis: 30_000 };
const LIMITS: HoldLimits = { maxTraces: 100, maxSpans: 1000, maxBytes: 10_000_000 };

interface FixtureOptions {
  readonly policy?: Partial<TailPolicy>;
  readonly limits?: Partial<HoldLimits>;
  readonly before?: SpanProcessor[];
}

function fixture({ policy, limits, before = [] }: FixtureOptions = {}) {
  const time = createVirtualTime();
  const kept: string[] = [];
  const pending: boolean[] = [];
  const sink: SpanProcessor = {
    onStart: () => undefined,
    onEnd: ({ name }) => void kept.push(name),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const tail: TailBuffer = new TailBuffer({
    policy: { ...POLICY, ...policy },
    next: [sink],
    limits: { ...LIMITS, ...limits },
    now: time.now,
    timer: time.timer,
    onPending: () => pending.push(tail.heldSpans > 0),
  });
  const provider = new TracerProvider({ spanProcessors: [...before, tail] });
  const tracer = provider.getTracer('test');
  const start = (name: string, parent?: Span): Span =>
    tracer.startSpan(name, {}, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));
  return { time, tail, kept, pending, provider, start };
}

suite('decisions', () => {
  test('a root that ends well and soon is dropped whole', () => {
    const { start, kept, tail, pending } = fixture();
    const root = start('root');
    start('child', root).end();
    assert.deepEqual([tail.heldSpans, kept], [1, []]);
    root.end();
    assert.deepEqual(kept, []);
    assert.deepEqual([tail.stats().droppedSpans, tail.stats().keptSpans, tail.heldSpans], [2, 0, 0]);
    assert.deepEqual(pending, [true, false]);
  });

  test('an error anywhere keeps all: what is held leaves at once, in order, and the rest is not held', () => {
    const { start, kept } = fixture();
    const root = start('root');
    start('first', root).end();
    start('failed', root).setStatus({ code: SpanStatusCode.ERROR }).end();
    assert.deepEqual(kept, ['first', 'failed']);
    start('later', root).end();
    root.end();
    assert.deepEqual(kept, ['first', 'failed', 'later', 'root']);
  });

  test('a slow root is kept, also when it is slow before it ends', async () => {
    const { start, kept, time } = fixture();
    const root = start('root');
    start('early', root).end();
    await time.advance(1000);
    start('late', root).end();
    assert.deepEqual(kept, ['early', 'late']);
  });

  test('the duration of the root counts as the span has it', () => {
    const { provider, kept } = fixture();
    const tracer = provider.getTracer('test');
    tracer.startSpan('slow', { startTime: 1_000_000 }).end(1_001_000);
    tracer.startSpan('fast', { startTime: 1_000_000 }).end(1_000_999);
    assert.deepEqual(kept, ['slow']);
  });

  test('what is in the ratio is never held', () => {
    const { start, kept, tail } = fixture({ policy: { ratio: 1 } });
    const root = start('root');
    start('child', root).end();
    assert.deepEqual([kept, tail.heldSpans], [['child'], 0]);
  });

  test('errors are no reason unless the policy says so', () => {
    const { start, kept } = fixture({ policy: { keepsErrors: false } });
    start('root').setStatus({ code: SpanStatusCode.ERROR }).end();
    assert.deepEqual(kept, []);
  });

  test('a span that ends after its root follows the decision, and so do those it starts', () => {
    const { start, kept, tail } = fixture();
    for (const code of [SpanStatusCode.OK, SpanStatusCode.ERROR]) {
      const root = start(`root ${code}`);
      const late = start(`late ${code}`, root);
      root.setStatus({ code }).end();
      const later = start(`later ${code}`, late);
      late.setStatus({ code: SpanStatusCode.ERROR }).end();
      later.end();
    }
    assert.deepEqual(kept, ['root 2', 'late 2', 'later 2']);
    assert.equal(tail.stats().droppedSpans, 3);
  });

  test('two local roots of one trace are decided each for itself', () => {
    const { provider, kept } = fixture();
    const remote = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    });
    const tracer = provider.getTracer('test');
    tracer.startSpan('good', {}, remote).end();
    tracer.startSpan('bad', {}, remote).setStatus({ code: SpanStatusCode.ERROR }).end();
    assert.deepEqual(kept, ['bad']);
  });
});

suite('limits', () => {
  test('a root that never ends is decided by what is known when its first span has waited for long', async () => {
    const { start, kept, tail, time } = fixture({ policy: { slowMillis: undefined, waitMillis: 5000 } });
    const endless = start('endless');
    start('first', endless).end();
    await time.advance(4999);
    start('second', endless).end();
    assert.equal(tail.heldSpans, 2);
    await time.advance(1);
    assert.equal(tail.heldSpans, 0);
    start('third', endless).setStatus({ code: SpanStatusCode.ERROR }).end();
    assert.deepEqual(kept, []);
    assert.equal(tail.stats().earlyDecisions.wait, 1);
    assert.equal(time.pending(), 0);
  });

  test('nothing is given up before it would be slow', async () => {
    const { start, kept, time } = fixture({ policy: { slowMillis: 8000, waitMillis: 5000 } });
    start('child', start('endless')).end();
    await time.advance(8000);
    assert.deepEqual(kept, ['child']);
  });

  for (const [reason, limits] of [
    ['traces', { maxTraces: 2 }],
    ['spans', { maxSpans: 2 }],
    ['bytes', { maxBytes: 2500 }],
  ] as const)
    test(`more ${reason} than are held: the oldest is decided, the others wait`, () => {
      const { start, tail } = fixture({ limits });
      const roots = [1, 2, 3].map((number) => start(`root ${number}`));
      for (const root of roots) start('child', root).end();
      assert.equal(tail.heldSpans, 2);
      assert.equal(tail.stats().earlyDecisions[reason], 1);
      assert.equal(tail.stats().droppedSpans, 1);
    });

  test('a flush decides what is held and leaves local roots that hold nothing alone', async () => {
    const { start, tail, kept, provider, pending } = fixture();
    const holding = start('holding');
    const empty = start('empty');
    start('child', holding).end();
    await provider.forceFlush();
    assert.deepEqual([tail.heldSpans, tail.stats().earlyDecisions.flush], [0, 1]);
    empty.setStatus({ code: SpanStatusCode.ERROR }).end();
    holding.setStatus({ code: SpanStatusCode.ERROR }).end();
    assert.deepEqual(kept, ['empty']);
    assert.deepEqual(pending, [true, false]);
  });

  test('after the shutdown spans pass, to be counted where they are sent', async () => {
    const { start, tail, kept } = fixture();
    const root = start('root');
    await tail.shutdown();
    root.end();
    assert.deepEqual(kept, ['root']);
  });
});

test("the user's processors see every span first; spans that are not sampled are not held", async () => {
  const seen: ReadableSpan[] = [];
  const user: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => void seen.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const { start } = fixture({ before: [user] });
  const root = start('root');
  start('child', root).end();
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['child'],
  );
  const { tail, kept } = fixture();
  const unsampled = new TracerProvider({ sampler: new AlwaysOffSampler(), spanProcessors: [tail] });
  unsampled.getTracer('test').startSpan('off').end();
  assert.deepEqual([kept, tail.stats().droppedSpans], [[], 0]);
});
