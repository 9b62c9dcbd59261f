import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createReader, type Reader, type VariableSources } from '../../../src/config/reader.ts';
import { BSP } from '../../../src/config/variables/batch.ts';
import { SENTRY_RELEASE } from '../../../src/config/variables/sentry.ts';

const { name: DELAY } = BSP.scheduleDelayMillis;

function read(sources: Partial<VariableSources>): Reader {
  return createReader({ env: {}, ...sources });
}

function settingOf(reader: Reader, wanted: string): { value: string | undefined; origin: string } | undefined {
  const { name: _, ...rest } = reader.settings().find(({ name }) => name === wanted) ?? {
    name: '',
    value: undefined,
    origin: 'missing',
  };
  return rest;
}

suite('precedence of variables', () => {
  const layers = [
    {
      title: 'code wins over file and environment',
      sources: { code: { [DELAY]: '1' }, file: { [DELAY]: '2' }, env: { [DELAY]: '3' } },
      value: 1,
      origin: 'code',
    },
    {
      title: 'the file wins over the environment',
      sources: { file: { [DELAY]: '2' }, env: { [DELAY]: '3' } },
      value: 2,
      origin: 'file',
    },
    {
      title: 'the environment wins over the default',
      sources: { env: { [DELAY]: '3' } },
      value: 3,
      origin: 'environment',
    },
    { title: 'the default is what is left', sources: {}, value: 5000, origin: 'default' },
    {
      title: 'a file replaces the OTEL_ variables it does not have',
      sources: { file: {}, env: { [DELAY]: '3' } },
      value: 5000,
      origin: 'default',
    },
    {
      title: 'an empty value is an unset one',
      sources: { code: { [DELAY]: '' }, env: { [DELAY]: '  ' } },
      value: 5000,
      origin: 'default',
    },
    {
      title: 'an empty value in code leaves the environment in force',
      sources: { code: { [DELAY]: '' }, env: { [DELAY]: '3' } },
      value: 3,
      origin: 'environment',
    },
  ] as const;
  for (const { title, sources, value, origin } of layers) {
    test(title, () => {
      const reader = read(sources);
      assert.equal(reader.value(BSP.scheduleDelayMillis), value);
      assert.deepEqual(settingOf(reader, DELAY), { value: `${value}`, origin });
      assert.deepEqual(reader.issues, []);
    });
  }

  test('a file leaves variables that are not OpenTelemetry’s to the environment', () => {
    assert.equal(read({ file: {}, env: { SENTRY_RELEASE: 'v1' } }).given(SENTRY_RELEASE), 'v1');
  });

  test('the variable that names the file keeps its origin although the file replaces the others', () => {
    const reader = read({ file: {}, env: { OTEL_CONFIG_FILE: 'otel.yaml' } });
    assert.deepEqual(settingOf(reader, 'OTEL_CONFIG_FILE'), { value: 'otel.yaml', origin: 'environment' });
  });

  test('a number in code, as JavaScript writes it, is read', () => {
    const code = { [DELAY]: 250, OTEL_BSP_MAX_QUEUE_SIZE: { an: 'object' } } as unknown as Record<string, string>;
    const reader = read({ code });
    assert.equal(reader.value(BSP.scheduleDelayMillis), 250);
    assert.equal(reader.value(BSP.maxExportBatchSize), 512);
  });
});

suite('text of variables', () => {
  for (const quote of ['"', "'", '`']) {
    test(`${quote} around a value is left out and said in one note`, () => {
      const reader = read({ env: { SENTRY_RELEASE: `${quote}v1${quote}` } });
      assert.equal(reader.given(SENTRY_RELEASE), 'v1');
      assert.deepEqual(reader.issues, [
        {
          severity: 'info',
          code: 'DUOTEL_CONFIG_REPAIRED',
          message: 'SENTRY_RELEASE: left out the quotes around it.',
        },
      ]);
    });
  }

  test('quotes around nothing are an unset value', () => {
    assert.equal(read({ env: { SENTRY_RELEASE: '""' } }).given(SENTRY_RELEASE), undefined);
  });

  test('a value that cannot be used is reported once with variable, value, place and default', () => {
    const reader = read({ code: { [DELAY]: '5s' } });
    reader.value(BSP.scheduleDelayMillis);
    reader.value(BSP.scheduleDelayMillis);
    assert.deepEqual(reader.issues, [
      {
        severity: 'notice',
        code: 'DUOTEL_CONFIG_INVALID',
        message: `${DELAY}="5s" (set in code) is not a number of milliseconds above 0, without a unit; the default 5000 is in force. Correct or remove it.`,
      },
    ]);
    assert.deepEqual(settingOf(reader, DELAY), { value: '5000', origin: 'default' });
  });

  test('a secret is never part of the account', () => {
    const reader = read({ env: { OTEL_EXPORTER_OTLP_HEADERS: 'a=hush' } });
    assert.deepEqual(settingOf(reader, 'OTEL_EXPORTER_OTLP_HEADERS'), { value: '[secret]', origin: 'environment' });
  });
});
