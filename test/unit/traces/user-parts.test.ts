import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { type Context, ROOT_CONTEXT, SpanKind, type TextMapPropagator } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { degradations } from '../../../src/core/guard.ts';
import { redirectNotices } from '../../../src/core/notices.ts';
import { acceptPropagator, acceptSampler, acceptSpanProcessors } from '../../../src/traces/user-parts.ts';

const boom = (): never => {
  throw new Error('boom');
};

function capture(t: TestContext): string[] {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  return lines;
}

const failures = (name: string): number => degradations()[name]?.count ?? 0;

suite('span processors', () => {
  test('one that throws in every hook costs the others nothing, is counted, and told once by option and index', async (t) => {
    const lines = capture(t);
    const exporter = new InMemorySpanExporter();
    const broken = { onStart: boom, onEnding: boom, onEnd: boom, forceFlush: boom, shutdown: boom };
    const guarded = acceptSpanProcessors([new SimpleSpanProcessor({ exporter }), broken]);
    const before = failures('spanProcessors[1]');
    const provider = new TracerProvider({ spanProcessors: guarded });
    for (let index = 0; index < 10; index++) provider.getTracer('t').startSpan('s').end();
    await provider.forceFlush();
    await Promise.all(guarded.map((each) => each.flushed()));
    assert.equal(exporter.getFinishedSpans().length, 10);
    await provider.shutdown();
    assert.equal(failures('spanProcessors[1]') - before, 32);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^DUOTEL_USER_PART_FAILED Option spanProcessors\[1\] failed: boom\./);
  });

  test('the rejection of an async hook is counted and not left unhandled', async (t) => {
    capture(t);
    const reject = async (): Promise<never> => boom();
    const [processor] = acceptSpanProcessors([
      { onStart: reject, onEnd: reject, forceFlush: reject, shutdown: reject },
    ]);
    const before = failures('spanProcessors[0]');
    const provider = new TracerProvider({ spanProcessors: processor === undefined ? [] : [processor] });
    provider.getTracer('t').startSpan('s').end();
    await provider.forceFlush();
    await provider.shutdown();
    assert.equal(failures('spanProcessors[0]') - before, 4);
  });

  test('a flush that never settles holds up nobody who does not ask for it', async () => {
    const never = new Promise<void>(() => undefined);
    const [processor] = acceptSpanProcessors([
      { onStart() {}, onEnd() {}, forceFlush: () => never, shutdown: async () => undefined },
    ]);
    await processor?.forceFlush();
    assert.equal(await Promise.race([processor?.flushed().then(() => 'flushed'), Promise.resolve('held')]), 'held');
  });

  test('hooks are called on the processor itself, and onEnding only where it has one', () => {
    const seen: string[] = [];
    class Processor {
      readonly name = 'mine';
      onStart(_span: unknown, parent: Context): void {
        seen.push(`${this.name} start ${parent === ROOT_CONTEXT}`);
      }
      onEnd(): void {
        seen.push(`${this.name} end`);
      }
      async forceFlush(): Promise<void> {}
      async shutdown(): Promise<void> {}
    }
    class Ending extends Processor {
      onEnding(): void {
        seen.push(`${this.name} ending`);
      }
    }
    const guarded = acceptSpanProcessors([new Processor(), new Ending()]);
    assert.deepEqual(
      guarded.map((processor) => typeof processor.onEnding),
      ['undefined', 'function'],
    );
    new TracerProvider({ spanProcessors: guarded }).getTracer('t').startSpan('s', {}, ROOT_CONTEXT).end();
    assert.deepEqual(seen, ['mine start true', 'mine start true', 'mine ending', 'mine end', 'mine end']);
  });

  test('what is no processor is left out with a line; a list that is none is an empty one', (t) => {
    const lines = capture(t);
    const hostile = new Proxy({}, { get: boom });
    assert.deepEqual(acceptSpanProcessors([null, 1, {}, hostile]), []);
    assert.deepEqual(acceptSpanProcessors('both'), []);
    assert.deepEqual(acceptSpanProcessors(undefined), []);
    assert.deepEqual(
      lines.map((line) => /^(\S+) Option (\S+)/.exec(line)?.slice(1)),
      ['spanProcessors[0]', 'spanProcessors[1]', 'spanProcessors[2]', 'spanProcessors[3]', 'spanProcessors'].map(
        (name) => ['DUOTEL_CONFIG_INVALID', name],
      ),
    );
  });
});

suite('sampler', () => {
  const decide = (sampler: Sampler | undefined): SamplingDecision | undefined =>
    sampler?.shouldSample(ROOT_CONTEXT, 'a'.repeat(32), 's', SpanKind.INTERNAL, {}, []).decision;

  test('its decision, attributes and trace state are used as they are', () => {
    const traceState = {} as never;
    const answer = { decision: SamplingDecision.RECORD, attributes: { a: 1 }, traceState };
    const sampler = acceptSampler({ shouldSample: () => answer }, () => new AlwaysOnSampler());
    assert.deepEqual(sampler?.shouldSample(ROOT_CONTEXT, '', '', SpanKind.INTERNAL, {}, []), answer);
    assert.equal(
      decide(acceptSampler(new AlwaysOffSampler(), () => new AlwaysOnSampler())),
      SamplingDecision.NOT_RECORD,
    );
  });

  test('the configured sampler decides where it throws or gives no decision', (t) => {
    capture(t);
    const hostileAttributes = {
      get attributes(): never {
        return boom();
      },
      decision: SamplingDecision.NOT_RECORD,
    };
    const answers: (() => unknown)[] = [
      boom,
      () => undefined,
      () => null,
      () => ({}),
      () => ({ decision: 7 }),
      () => ({ decision: '2' }),
      async () => boom(),
      () => hostileAttributes,
    ];
    for (const shouldSample of answers) {
      const before = failures('sampler');
      const sampler = acceptSampler({ shouldSample }, () => new AlwaysOnSampler());
      assert.equal(decide(sampler), SamplingDecision.RECORD_AND_SAMPLED, String(shouldSample));
      assert.ok(failures('sampler') > before, String(shouldSample));
    }
  });

  test('what is no sampler is left out, so that the configured one is used', (t) => {
    const lines = capture(t);
    assert.equal(acceptSampler({}, boom), undefined);
    assert.match(lines[0] ?? '', /^DUOTEL_CONFIG_INVALID Option sampler cannot be used .* not a Sampler/);
  });
});

suite('propagator', () => {
  const incoming = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  const getter = { get: (carrier: typeof incoming, key: string) => carrier[key as 'traceparent'], keys: () => [] };
  const fallback = (): TextMapPropagator => new W3CTraceContextPropagator();

  test('the configured propagators take over the calls it fails', (t) => {
    capture(t);
    const propagator = acceptPropagator({ inject: boom, extract: boom, fields: boom }, fallback) as TextMapPropagator;
    const extracted = propagator.extract(ROOT_CONTEXT, incoming, getter);
    const carrier: Record<string, string> = {};
    propagator.inject(extracted, carrier, { set: (target: typeof carrier, key, value) => (target[key] = value) });
    assert.deepEqual(carrier, incoming);
    assert.deepEqual(propagator.fields(), ['traceparent', 'tracestate']);
  });

  test('what it extracts must be a context, and its fields a list', (t) => {
    capture(t);
    for (const answer of [undefined, null, 1, {}, Promise.reject(new Error('late'))]) {
      const propagator = acceptPropagator({ inject() {}, extract: () => answer, fields: () => answer }, fallback);
      assert.notEqual(propagator?.extract(ROOT_CONTEXT, incoming, getter), ROOT_CONTEXT);
      assert.equal(propagator?.fields().length, 2);
    }
  });

  test('what is no propagator is left out', (t) => {
    const lines = capture(t);
    assert.equal(acceptPropagator('b3', boom), undefined);
    assert.match(lines[0] ?? '', /^DUOTEL_CONFIG_INVALID Option propagator /);
  });
});
