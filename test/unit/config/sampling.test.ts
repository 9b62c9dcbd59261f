import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import type { StartOptions } from '../../../src/config/options.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

function resolve(env: Record<string, string>, options: unknown = {}): Resolution {
  return resolveConfig({ options: { serviceName: 'shop', ...(options as StartOptions) }, env });
}

const messages = ({ issues }: Resolution): string[] => issues.map(({ code, message }) => `${code} ${message}`);
const settingOf = ({ settings }: Resolution, wanted: string) => settings.find(({ name }) => name === wanted);

suite('rules', () => {
  test('a line has rules with an action, then conditions; name and route are no attributes', () => {
    const resolution = resolve({
      DUOTEL_SAMPLING_RULES: 'drop route=/health*; Keep tenant=gold , name=POST /pay ; 0.25 name=GET *; 0.1;',
    });
    assert.deepEqual(resolution.config.traces.sampling.rules, [
      { conditions: [{ subject: 'route', pattern: '/health*' }], ratio: 0 },
      {
        conditions: [
          { subject: 'attribute', key: 'tenant', pattern: 'gold' },
          { subject: 'name', pattern: 'POST /pay' },
        ],
        ratio: 1,
      },
      { conditions: [{ subject: 'name', pattern: 'GET *' }], ratio: 0.25 },
      { conditions: [], ratio: 0.1 },
    ]);
    assert.deepEqual(messages(resolution), []);
  });

  test('rules that cannot be used are named in one line, the others are in force', () => {
    const resolution = resolve({
      DUOTEL_SAMPLING_RULES: 'drpo route=/a; drop route=/b; 2 name=c; drop d; keep =e; dropname=f',
    });
    assert.deepEqual(resolution.config.traces.sampling.rules, [
      { conditions: [{ subject: 'route', pattern: '/b' }], ratio: 0 },
    ]);
    assert.equal(messages(resolution).length, 1);
    assert.match(messages(resolution)[0] ?? '', /^DUOTEL_CONFIG_INVALID .*"drpo route=\/a; 2 name=c; drop d; keep =e/);
    assert.equal(settingOf(resolution, 'DUOTEL_SAMPLING_RULES')?.value, 'drop route=/b');
  });

  test('the option wins over the variable and is shown as a line', () => {
    const rules = [
      { route: '/health', action: 'drop' },
      { name: 'a;b', attributes: { port: 80, secure: true }, action: 0.5 },
    ];
    const resolution = resolve({ DUOTEL_SAMPLING_RULES: 'keep' }, { sampling: { rules } });
    assert.deepEqual(resolution.config.traces.sampling.rules, [
      { conditions: [{ subject: 'route', pattern: '/health' }], ratio: 0 },
      {
        conditions: [
          { subject: 'name', pattern: 'a;b' },
          { subject: 'attribute', key: 'port', pattern: '80' },
          { subject: 'attribute', key: 'secure', pattern: 'true' },
        ],
        ratio: 0.5,
      },
    ]);
    const { value, origin } = settingOf(resolution, 'DUOTEL_SAMPLING_RULES') ?? {};
    assert.deepEqual([value, origin], ['drop route=/health; 0.5 name=a;b, port=80, secure=true', 'code']);
  });

  test('a rule that would mean something else than was written is left out and named', () => {
    const bad = [
      null,
      'drop route=/a',
      {},
      { route: '/a' },
      { route: 7, action: 'drop' },
      { rout: '/a', action: 'drop' },
      { route: '/a', action: '0.5' },
      { route: '/a', action: Number.NaN },
      { route: '/a', action: 1.5 },
      { attributes: { a: ['x'] }, action: 'drop' },
      new Proxy({}, { get: () => assert.fail('hostile') }),
    ];
    const resolution = resolve({}, { sampling: { rules: [...bad, { route: '/good', action: 'drop' }] } });
    assert.equal(resolution.config.traces.sampling.rules.length, 1);
    assert.deepEqual(
      resolution.issues.map(({ message }) => /sampling\.rules\[(\d+)\]/.exec(message)?.[1]),
      bad.map((_, index) => `${index}`),
    );
  });
});

suite('rate limit and tail buffer', () => {
  test('texts are read with their units', () => {
    const { sampling } = resolve({
      DUOTEL_SAMPLING_RATE_LIMIT: '0.5',
      DUOTEL_TAIL_SAMPLING: 'Errors, slow:1.5s, ratio:0.1, wait:2m',
    }).config.traces;
    assert.equal(sampling.tracesPerSecond, 0.5);
    assert.deepEqual(sampling.tail, { keepsErrors: true, slowMillis: 1500, ratio: 0.1, waitMillis: 120_000 });
  });

  test('nothing set: nothing is held and nothing limited', () => {
    const { sampling } = resolve({}).config.traces;
    assert.deepEqual(sampling, { rules: [], tracesPerSecond: undefined, tail: undefined });
  });

  for (const text of ['errors slow', 'slow:2', 'slow:0s', 'slow', 'ratio:', 'ratio:2', 'erors', 'errors,', 'wait:-1s'])
    test(`DUOTEL_TAIL_SAMPLING=${text} is named and nothing is held`, () => {
      const resolution = resolve({ DUOTEL_TAIL_SAMPLING: text });
      assert.equal(resolution.config.traces.sampling.tail, undefined);
      assert.match(
        messages(resolution).join(),
        /DUOTEL_CONFIG_INVALID DUOTEL_TAIL_SAMPLING.*errors, slow:2s, ratio:0\.1/,
      );
    });

  test('options win over variables; what they leave out has the same default', () => {
    const resolution = resolve(
      { DUOTEL_SAMPLING_RATE_LIMIT: '5', DUOTEL_TAIL_SAMPLING: 'ratio:1' },
      { sampling: { tracesPerSecond: 0, tail: { errors: true } } },
    );
    const { tracesPerSecond, tail } = resolution.config.traces.sampling;
    assert.equal(tracesPerSecond, 0);
    assert.deepEqual(tail, { keepsErrors: true, slowMillis: undefined, ratio: 0, waitMillis: 30_000 });
    assert.equal(settingOf(resolution, 'DUOTEL_TAIL_SAMPLING')?.value, 'errors,ratio:0,wait:30000ms');
  });

  const hostile: Record<string, unknown> = {
    'no object': 'all',
    'no list': { rules: 7 },
    'a text for a number': { tracesPerSecond: '5' },
    'an endless rate': { tracesPerSecond: Infinity },
    'a tail that is a text': { tail: 'errors' },
    'a misspelt word of the tail': { tail: { error: true } },
    'a slow time of no use': { tail: { slowMillis: 0 } },
    'a ratio of no use': { tail: { ratio: 'half' } },
    'an object that cannot be read': new Proxy({}, { ownKeys: () => assert.fail('hostile') }),
    'a misspelt section': { rule: [] },
    'a getter that throws': {
      get tail() {
        return assert.fail('hostile');
      },
    },
  };
  for (const [name, sampling] of Object.entries(hostile))
    test(`${name} is named, and the variables hold`, () => {
      const resolution = resolve(
        { DUOTEL_SAMPLING_RULES: 'drop', DUOTEL_SAMPLING_RATE_LIMIT: '5', DUOTEL_TAIL_SAMPLING: 'errors' },
        { sampling },
      );
      assert.match(messages(resolution).join('\n'), /^DUOTEL_CONFIG_INVALID Option sampling[^\n]*$/);
      const { rules, tracesPerSecond, tail } = resolution.config.traces.sampling;
      assert.deepEqual([rules.length, tracesPerSecond, tail?.keepsErrors], [1, 5, true]);
    });

  test("the user's own sampler stands in for rules and rate limit, which is told", () => {
    const sampler = { shouldSample: () => ({ decision: 2 }) };
    assert.match(messages(resolve({ DUOTEL_SAMPLING_RULES: 'drop' }, { sampler })).join(), /CONFLICT.*sampler/);
    assert.deepEqual(messages(resolve({ DUOTEL_TAIL_SAMPLING: 'errors' }, { sampler })), []);
  });
});

suite('ratio of a destination', () => {
  const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://first:4318' };

  test('each has its own, for traces alone', () => {
    const { traces, logs, metrics } = resolve(
      { ...ENDPOINT, DUOTEL_OTLP_TRACES_RATIO: '0.1' },
      { destinations: [{ endpoint: 'http://a:4318', traceRatio: 0 }, { endpoint: 'http://b:4318' }] },
    ).config;
    assert.deepEqual(
      [traces.otlp, ...traces.moreOtlp].map((each) => each?.traceRatio),
      [0.1, 0, undefined],
    );
    for (const each of [logs.otlp, metrics.otlp, ...logs.moreOtlp]) assert.equal(each?.traceRatio, undefined);
  });

  test('one of no use is named, and the destination gets everything', () => {
    const destinations = ['0.5', -1, Number.NaN, {}].map((traceRatio) => ({ endpoint: 'http://a:4318', traceRatio }));
    const resolution = resolve({}, { destinations });
    assert.equal(resolution.issues.length, 4);
    assert.match(messages(resolution).join(), /destinations\[3\]\.traceRatio is not a number from 0 to 1/);
    for (const each of resolution.config.traces.moreOtlp) assert.equal(each.traceRatio, undefined);
  });
});
