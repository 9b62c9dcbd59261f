import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

function resolve(env: Readonly<Record<string, string>>): Resolution {
  return resolveConfig({ env });
}

function codes({ issues }: Resolution): string[] {
  return issues.map(({ severity, code }) => `${severity} ${code}`);
}

suite('sampler', () => {
  for (const name of ['always_on', 'always_off', 'parentbased_always_on', 'parentbased_always_off']) {
    test(`${name} takes no argument, so one that is no ratio is no mistake`, () => {
      const resolution = resolve({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: 'any' });
      assert.deepEqual(resolution.config.traces.sampler, { name, ratio: 1 });
      assert.deepEqual(codes(resolution), []);
    });
  }

  for (const name of ['traceidratio', 'parentbased_traceidratio']) {
    test(`${name} keeps its share, all of it when none is set`, () => {
      const env = { OTEL_TRACES_SAMPLER: name.toUpperCase() };
      assert.deepEqual(resolve({ ...env, OTEL_TRACES_SAMPLER_ARG: '0.25' }).config.traces.sampler, {
        name,
        ratio: 0.25,
      });
      assert.deepEqual(resolve(env).config.traces.sampler, { name, ratio: 1 });
    });
  }

  test('a share that is none keeps everything and is named', () => {
    const resolution = resolve({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '50%' });
    assert.equal(resolution.config.traces.sampler.ratio, 1);
    assert.equal(
      resolution.issues[0]?.message,
      'OTEL_TRACES_SAMPLER_ARG="50%" is not a number from 0 to 1; the default 1 is in force. Correct or remove it.',
    );
  });

  for (const name of ['xray', 'jaeger_remote', 'parentbased_jaeger_remote']) {
    test(`${name} is known but not available`, () => {
      const resolution = resolve({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://x' });
      assert.equal(resolution.config.traces.sampler.name, 'parentbased_always_on');
      assert.deepEqual(codes(resolution), ['notice DUOTEL_FEATURE_UNAVAILABLE']);
    });
  }
});

suite('limits', () => {
  test('defaults of the specification', () => {
    const { config } = resolve({});
    assert.deepEqual(config.traces.limits, {
      attributeValueLengthLimit: undefined,
      attributeCountLimit: 128,
      eventCountLimit: 128,
      linkCountLimit: 128,
      attributePerEventCountLimit: 128,
      attributePerLinkCountLimit: 128,
    });
    assert.deepEqual(config.logs.limits, { attributeValueLengthLimit: undefined, attributeCountLimit: 128 });
  });

  test('general limits hold for spans and log records, their own ones win', () => {
    const { config } = resolve({
      OTEL_ATTRIBUTE_COUNT_LIMIT: '10',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '11',
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '101',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '12',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '13',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '0',
      OTEL_SPAN_LINK_COUNT_LIMIT: '15',
    });
    assert.deepEqual(config.traces.limits, {
      attributeValueLengthLimit: 100,
      attributeCountLimit: 11,
      eventCountLimit: 0,
      linkCountLimit: 15,
      attributePerEventCountLimit: 12,
      attributePerLinkCountLimit: 13,
    });
    assert.deepEqual(config.logs.limits, { attributeValueLengthLimit: 101, attributeCountLimit: 10 });
  });
});

suite('batches and intervals', () => {
  test('defaults of the specification', () => {
    const { traces, logs, metrics } = resolve({}).config;
    const common = { exportTimeoutMillis: 30_000, maxQueueSize: undefined, maxExportBatchSize: 512 };
    assert.deepEqual(traces.batch, { scheduleDelayMillis: 5000, ...common });
    assert.deepEqual(logs.batch, { scheduleDelayMillis: 1000, ...common });
    assert.equal(metrics.exportIntervalMillis, 60_000);
    assert.equal(metrics.exportTimeoutMillis, 30_000);
  });

  test('a batch is held down to the queue: a note, a notice if both were set', () => {
    const small = resolve({ OTEL_BSP_MAX_QUEUE_SIZE: '100' });
    assert.equal(small.config.traces.batch.maxExportBatchSize, 100);
    assert.deepEqual(codes(small), ['info DUOTEL_CONFIG_CONFLICT']);
    const both = resolve({ OTEL_BLRP_MAX_QUEUE_SIZE: '100', OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '200' });
    assert.equal(both.config.logs.batch.maxExportBatchSize, 100);
    assert.deepEqual(codes(both), ['notice DUOTEL_CONFIG_CONFLICT']);
  });

  test('a push is held down to the interval: a note, a notice if both were set', () => {
    const short = resolve({ OTEL_METRIC_EXPORT_INTERVAL: '1000' });
    assert.equal(short.config.metrics.exportTimeoutMillis, 1000);
    assert.deepEqual(codes(short), ['info DUOTEL_CONFIG_CONFLICT']);
    const shown = short.settings.find(({ name }) => name === 'OTEL_METRIC_EXPORT_TIMEOUT');
    assert.deepEqual(shown, { name: 'OTEL_METRIC_EXPORT_TIMEOUT', value: '1000', origin: 'default' });
    const both = resolve({ OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_METRIC_EXPORT_TIMEOUT: '2000' });
    assert.deepEqual(codes(both), ['notice DUOTEL_CONFIG_CONFLICT']);
  });
});
