import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { VARIABLES } from '../../../src/config/variables/index.ts';

suite('configuration', () => {
  test('nothing set: nothing leaves, nothing to say', () => {
    const { config, issues, settings } = resolveConfig({ env: {} });
    assert.equal(config.disabled, false);
    assert.equal(config.logLevel, undefined);
    assert.equal(config.shutdownTimeoutMillis, undefined);
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      assert.equal(config[signal].otlp, undefined);
      assert.equal(config[signal].console, false);
    }
    assert.deepEqual(issues, []);
    assert.equal(settings.length, VARIABLES.length);
    assert.ok(settings.every(({ origin }) => origin === 'default'));
  });

  test('the environment is read, not kept and not written', () => {
    const env = Object.freeze({ OTEL_SERVICE_NAME: 'a', OTEL_EXPORTER_OTLP_ENDPOINT: '"c:4318"' });
    assert.deepEqual(resolveConfig({ env }), resolveConfig({ env: { ...env } }));
  });

  test('switches and budgets', () => {
    const env = { OTEL_SDK_DISABLED: 'TRUE', OTEL_LOG_LEVEL: 'DEBUG', DUOTEL_SHUTDOWN_TIMEOUT: '0' };
    const { config } = resolveConfig({ env });
    assert.deepEqual([config.disabled, config.logLevel, config.shutdownTimeoutMillis], [true, 'debug', 0]);
  });

  test('telemetry that is off has nothing to say on stderr', () => {
    const { issues } = resolveConfig({ env: { OTEL_SDK_DISABLED: 'true', OTEL_BSP_MAX_QUEUE_SIZE: 'many' } });
    assert.deepEqual(
      issues.map(({ severity }) => severity),
      ['info'],
    );
  });

  test('a switch that is neither true nor false leaves telemetry on and is named', () => {
    const { config, issues } = resolveConfig({ env: { OTEL_SDK_DISABLED: '1' } });
    assert.equal(config.disabled, false);
    assert.deepEqual(
      issues.map(({ code }) => code),
      ['DUOTEL_CONFIG_INVALID'],
    );
  });

  test('variables in code win, and a name that does not exist is named', () => {
    const { config, issues } = resolveConfig({
      env: { OTEL_TRACES_SAMPLER: 'always_off' },
      options: { variables: { OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACE_SAMPLER: 'x' } },
    });
    assert.equal(config.traces.sampler.name, 'always_on');
    assert.deepEqual(
      issues.map(({ code }) => code),
      ['DUOTEL_CONFIG_INVALID'],
    );
    assert.match(issues[0]?.message ?? '', /OTEL_TRACE_SAMPLER/);
  });

  test('a configuration file replaces the OTEL_ variables of the environment and no others', () => {
    const { config } = resolveConfig({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318', OTEL_LOG_LEVEL: 'debug', NODE_ENV: 'test' },
      file: { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://file:4318/v1/traces' },
      options: { variables: { OTEL_BSP_MAX_QUEUE_SIZE: '7000' } },
    });
    assert.equal(config.traces.otlp?.url, 'http://file:4318/v1/traces');
    assert.equal(config.logs.otlp, undefined);
    assert.equal(config.logLevel, undefined);
    assert.equal(config.resource.environment, 'test');
    assert.equal(config.traces.batch.maxQueueSize, 7000);
  });

  test('objects in code are part of the account', () => {
    const sampler = { shouldSample: () => ({ decision: 0 }), toString: () => 'mine' };
    const { settings } = resolveConfig({ env: { OTEL_TRACES_SAMPLER: 'always_on' }, options: { sampler } });
    const setting = settings.find(({ name }) => name === 'OTEL_TRACES_SAMPLER');
    assert.deepEqual(setting, { name: 'OTEL_TRACES_SAMPLER', value: '(an object)', origin: 'code' });
  });
});

suite('propagators', () => {
  type Row = readonly [text: string, propagators: readonly string[], codes: readonly string[]];
  const table: readonly Row[] = [
    ['', ['tracecontext', 'baggage'], []],
    ['b3', ['b3'], []],
    ['xray, B3Multi,tracecontext,xray', ['xray', 'b3multi', 'tracecontext'], []],
    ['none', [], []],
    ['none,b3', [], ['DUOTEL_CONFIG_CONFLICT']],
    ['jaeger', ['tracecontext', 'baggage'], ['DUOTEL_FEATURE_UNAVAILABLE']],
    ['jaeger,b3', ['b3'], ['DUOTEL_FEATURE_UNAVAILABLE']],
    ['w3c', ['tracecontext', 'baggage'], ['DUOTEL_CONFIG_INVALID']],
    ['w3c,b3', ['b3'], ['DUOTEL_CONFIG_INVALID']],
  ];
  for (const [text, propagators, codes] of table) {
    test(`OTEL_PROPAGATORS=${text} means ${propagators.join(',') || 'none'}`, () => {
      const { config, issues } = resolveConfig({ env: { OTEL_PROPAGATORS: text } });
      assert.deepEqual(config.propagators, propagators);
      assert.deepEqual(
        issues.map(({ code }) => code),
        codes,
      );
    });
  }
});
