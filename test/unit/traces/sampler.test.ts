import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Attributes, type Context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AlwaysOnSampler, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { SamplerName } from '../../../src/config/config.ts';
import type { StartOptions } from '../../../src/config/options.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { LocalRootSampler } from '../../../src/traces/local-root-sampler.ts';
import { createSampler } from '../../../src/traces/sampler.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

function samplerOf(rules: string, name: SamplerName = 'parentbased_always_on', options: StartOptions = {}): Sampler {
  const env = { OTEL_TRACES_SAMPLER: name, DUOTEL_SAMPLING_RULES: rules };
  return createSampler(resolveConfig({ options, env }).config.traces);
}

interface Asked {
  readonly name?: string;
  readonly attributes?: Attributes;
  readonly context?: Context;
  readonly traceId?: string;
}

function isKept(
  sampler: Sampler,
  { name = 'GET', attributes = {}, context = ROOT_CONTEXT, traceId = TRACE_ID }: Asked,
) {
  const { decision } = sampler.shouldSample(context, traceId, name, SpanKind.SERVER, attributes, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function below(where: 'local' | 'remote', isSampled: boolean): Context {
  const parent = { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags: Number(isSampled) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: where === 'remote' });
}

suite('rules', () => {
  test('without rules and limit, the sampler is the official one', () => {
    assert.match(samplerOf('').toString(), /^ParentBased\{root=AlwaysOnSampler/);
  });

  test('the first rule that matches decides; without a match, the sampler', () => {
    const sampler = samplerOf('keep name=GET /a; drop name=GET *', 'always_on');
    assert.deepEqual(
      ['GET /a', 'GET /b', 'POST /b'].map((name) => isKept(sampler, { name })),
      [true, false, true],
    );
    assert.equal(isKept(samplerOf('keep name=GET /a', 'parentbased_always_off'), { name: 'GET /a' }), true);
    assert.equal(isKept(samplerOf('keep name=GET /a', 'parentbased_always_off'), { name: 'GET /b' }), false);
  });

  test('the route is http.route, else url.path', () => {
    const sampler = samplerOf('drop route=/users/:id; drop route=/health*');
    assert.equal(isKept(sampler, { attributes: { 'http.route': '/users/:id', 'url.path': '/users/7' } }), false);
    assert.equal(isKept(sampler, { attributes: { 'http.route': '/x', 'url.path': '/healthz' } }), true);
    assert.equal(isKept(sampler, { attributes: { 'url.path': '/healthz' } }), false);
    assert.equal(isKept(sampler, {}), true);
  });

  test('all conditions of a rule have to be met; attributes are compared as text', () => {
    const sampler = samplerOf('drop port=80, secure=true, agent=kube-probe*');
    const attributes = { port: 80, secure: true, agent: 'kube-probe/1.31' };
    assert.equal(isKept(sampler, { attributes }), false);
    assert.equal(isKept(sampler, { attributes: { ...attributes, secure: 'false' } }), true);
    assert.equal(isKept(sampler, { attributes: { ...attributes, agent: ['kube-probe/'] } }), true);
  });

  test('a ratio is decided on the trace id', () => {
    const sampler = samplerOf('0.5');
    assert.equal(isKept(sampler, { traceId: '0000000000000000000000000fffffff' }), true);
    assert.equal(isKept(sampler, { traceId: '000000000000000000000000ffffffff' }), false);
  });
});

suite('parents', () => {
  test('spans below a local parent follow it, whatever rules say', () => {
    for (const name of ['always_on', 'parentbased_always_on'] as const) {
      assert.equal(isKept(samplerOf('drop', name), { context: below('local', true) }), true);
      assert.equal(isKept(samplerOf('keep', name), { context: below('local', false) }), false);
    }
  });

  test('a caller that did not sample is obeyed unless the sampler is one that never is', () => {
    const context = below('remote', false);
    assert.equal(isKept(samplerOf('keep'), { context }), false);
    assert.equal(isKept(samplerOf('keep', 'always_off'), { context }), true);
  });

  test('a caller that sampled is followed unless a rule says otherwise', () => {
    const context = below('remote', true);
    const sampler = samplerOf('drop name=GET /health', 'parentbased_always_off');
    assert.equal(isKept(sampler, { context }), true);
    assert.equal(isKept(sampler, { context, name: 'GET /health' }), false);
  });
});

suite('rate limit', () => {
  function limited(tracesPerSecond: number, now: () => number): Sampler {
    const rules = [{ conditions: [{ subject: 'name', pattern: 'free' } as const], ratio: 0 }];
    return new LocalRootSampler({ rules, tracesPerSecond, otherwise: new AlwaysOnSampler(), obeysRemote: true, now });
  }
  const keptOf = (sampler: Sampler, count: number, asked: Asked = {}): number =>
    Array.from({ length: count }).filter(() => isKept(sampler, asked)).length;

  test('so many local roots at once, and so many in each second after', () => {
    let now = 0;
    const sampler = limited(10, () => now);
    assert.equal(keptOf(sampler, 100), 10);
    now = 500;
    assert.equal(keptOf(sampler, 100), 5);
    now = 3_600_000;
    assert.equal(keptOf(sampler, 100), 10);
  });

  test('spans below a local root, and traces that are dropped anyway, use nothing up', () => {
    const sampler = limited(1, () => 0);
    assert.equal(keptOf(sampler, 5, { context: below('local', true) }), 5);
    assert.equal(keptOf(sampler, 5, { name: 'free' }), 0);
    assert.equal(keptOf(sampler, 5, { context: below('remote', false) }), 0);
    assert.equal(keptOf(sampler, 5, { context: below('remote', true) }), 1);
  });

  test('less than one in a second is possible; none is too', () => {
    let now = 0;
    const sampler = limited(0.1, () => now);
    assert.equal(keptOf(sampler, 2), 1);
    now = 9_999;
    assert.equal(keptOf(sampler, 2), 0);
    now = 10_000;
    assert.equal(keptOf(sampler, 2), 1);
    assert.equal(
      keptOf(
        limited(0, () => now++),
        1000,
      ),
      0,
    );
  });
});
