import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

type Env = Readonly<Record<string, string>>;

const ENDPOINT: Env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' };
const STANDARD = 'http://localhost:4318';

function resolve(env: Env): Resolution {
  return resolveConfig({ env });
}

function codes({ issues }: Resolution): string[] {
  return issues.map(({ severity, code }) => `${severity} ${code}`);
}

suite('outputs of traces and logs', () => {
  const table: readonly (readonly [
    title: string,
    exporter: string,
    env: Env,
    url: string | undefined,
    console: boolean,
  ])[] = [
    ['nothing set', '', {}, undefined, false],
    ['an endpoint', '', ENDPOINT, 'http://c:4318', false],
    ['otlp without endpoint', 'otlp', {}, STANDARD, false],
    ['otlp with endpoint', 'OTLP', ENDPOINT, 'http://c:4318', false],
    ['console with endpoint', 'console', ENDPOINT, undefined, true],
    ['both', 'console,otlp', ENDPOINT, 'http://c:4318', true],
    ['none with endpoint', 'none', ENDPOINT, undefined, false],
  ];
  for (const [title, exporter, env, url, console] of table) {
    test(`${title}: otlp ${url ?? 'off'}, console ${console}`, () => {
      const resolution = resolve({ ...env, OTEL_TRACES_EXPORTER: exporter, OTEL_LOGS_EXPORTER: exporter });
      for (const signal of ['traces', 'logs'] as const) {
        assert.equal(resolution.config[signal].otlp?.url, url && `${url}/v1/${signal}`);
        assert.equal(resolution.config[signal].console, console);
      }
      assert.deepEqual(codes(resolution), []);
    });
  }

  test('the endpoint of one signal turns on that signal only', () => {
    const { config } = resolve({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c:4318/logs' });
    assert.equal(config.logs.otlp?.url, 'http://c:4318/logs');
    assert.equal(config.traces.otlp, undefined);
    assert.equal(config.metrics.otlp, undefined);
  });

  const wrong: readonly (readonly [exporter: string, url: string | undefined, codes: readonly string[]])[] = [
    ['otlb', 'http://c:4318/v1/traces', ['notice DUOTEL_CONFIG_INVALID']],
    ['otlb,console', undefined, ['notice DUOTEL_CONFIG_INVALID']],
    ['prometheus', 'http://c:4318/v1/traces', ['notice DUOTEL_CONFIG_INVALID']],
    ['zipkin', 'http://c:4318/v1/traces', ['notice DUOTEL_FEATURE_UNAVAILABLE']],
    ['none,otlp', undefined, ['notice DUOTEL_CONFIG_CONFLICT']],
  ];
  for (const [exporter, url, expected] of wrong) {
    test(`OTEL_TRACES_EXPORTER=${exporter} is named`, () => {
      const resolution = resolve({ ...ENDPOINT, OTEL_TRACES_EXPORTER: exporter });
      assert.equal(resolution.config.traces.otlp?.url, url);
      assert.deepEqual(codes(resolution), expected);
    });
  }
});

suite('outputs of metrics', () => {
  type Row = readonly [title: string, env: Env, otlp: boolean, open: string, codes: readonly string[]];
  const port: Env = { OTEL_EXPORTER_PROMETHEUS_PORT: '9000' };
  const list = (exporters: string): Env => ({ OTEL_METRICS_EXPORTER: exporters });
  const enable = (value: string): Env => ({ ENABLE_PROMETHEUS_METRICS: value });
  const table: readonly Row[] = [
    ['nothing set', {}, false, 'listening', []],
    ['an endpoint', ENDPOINT, true, 'listening', []],
    ['otlp', list('otlp'), true, 'never', []],
    ['prometheus', list('prometheus'), false, 'always', []],
    ['prometheus with an endpoint', { ...ENDPOINT, ...list('prometheus') }, false, 'always', []],
    ['otlp,prometheus', list('otlp,prometheus'), true, 'always', []],
    ['console', { ...ENDPOINT, ...list('console') }, false, 'never', []],
    ['none', { ...ENDPOINT, ...list('none') }, false, 'never', []],
    ['a port', port, false, 'always', []],
    ['port 0', { OTEL_EXPORTER_PROMETHEUS_PORT: '0' }, false, 'always', []],
    [
      'a port nobody can have',
      { OTEL_EXPORTER_PROMETHEUS_PORT: '99999' },
      false,
      'listening',
      ['notice DUOTEL_CONFIG_INVALID'],
    ],
    ['a host', { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' }, false, 'listening', ['info DUOTEL_CONFIG_CREDENTIAL']],
    ['otlp and a port', { ...list('otlp'), ...port }, true, 'never', ['info DUOTEL_CONFIG_CONFLICT']],
    ['switched off', enable('false'), false, 'never', []],
    ['switched off with 0', enable('0'), false, 'never', []],
    [
      'switched off but listed',
      { ...list('prometheus'), ...enable('false') },
      false,
      'never',
      ['notice DUOTEL_CONFIG_CONFLICT'],
    ],
    ['switched on', enable('true'), false, 'listening', []],
    [
      'switched on but not listed',
      { ...list('otlp'), ...enable('true') },
      true,
      'never',
      ['info DUOTEL_CONFIG_CONFLICT'],
    ],
  ];
  for (const [title, env, otlp, open, expected] of table) {
    test(`${title}: otlp ${otlp}, endpoint ${open}`, () => {
      const resolution = resolve(env);
      assert.equal(resolution.config.metrics.otlp !== undefined, otlp);
      assert.equal(resolution.config.metrics.scrape.open, open);
      assert.deepEqual(codes(resolution), expected);
    });
  }

  test('console prints metrics', () => {
    assert.equal(resolve(list('console')).config.metrics.console, true);
  });

  test('the Prometheus endpoint is on loopback at 9464, and closed when the port is busy', () => {
    const { open: _, ...scrape } = resolve({}).config.metrics.scrape;
    assert.deepEqual(scrape, { host: '127.0.0.1', port: 9464, whenBusy: 'off' });
    const env = {
      OTEL_EXPORTER_PROMETHEUS_HOST: '::',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      DUOTEL_METRICS_PORT_BUSY: 'ephemeral',
    };
    assert.deepEqual(resolve(env).config.metrics.scrape, {
      open: 'always',
      host: '::',
      port: 0,
      whenBusy: 'ephemeral',
    });
  });
});
