import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { SOURCES } from '../../../src/config/variable.ts';
import { VARIABLES } from '../../../src/config/variables/index.ts';
import { renderConfigurationReference } from '../../../tools/reference-configuration.ts';

suite('table of variables', () => {
  test('names are unique and every row is described by a sentence with a known source', () => {
    assert.equal(new Set(VARIABLES.map(({ name }) => name)).size, VARIABLES.length);
    for (const { name, description, source } of VARIABLES) {
      assert.match(description, /\.$/, name);
      assert.ok(source in SOURCES, name);
    }
  });

  test('every default is a value of its own kind', () => {
    for (const { name, kind, default: standard } of VARIABLES) {
      if (standard !== undefined) assert.notEqual(kind.parse(standard), undefined, name);
    }
  });

  test('credentials are marked as secret', () => {
    const secret = VARIABLES.filter((variable) => variable.secret).map(({ name }) => name);
    assert.deepEqual(secret, [
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
      'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
      'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
      'HTTPS_PROXY',
      'https_proxy',
      'HTTP_PROXY',
      'http_proxy',
      'DUOTEL_METRICS_TOKEN',
      'DUOTEL_METRICS_BASIC_AUTH',
      'GRAFANA_CLOUD_OTLP_TOKEN',
      'GRAFANA_CLOUD_API_KEY',
      'SENTRY_DSN',
    ]);
  });

  test('a value no kind accepts is named with its variable and keeps the default, for every row that can refuse', () => {
    const refusing = VARIABLES.filter(({ kind }) => kind.parse('§ ?') === undefined);
    assert.ok(refusing.length > 40);
    for (const variable of refusing) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', [variable.name]: '§ ?' };
      const { issues, settings } = resolveConfig({ env });
      const issue = issues.find(({ message }) => message.startsWith(variable.name));
      assert.equal(issue?.code, 'DUOTEL_CONFIG_INVALID', variable.name);
      assert.equal(issue.severity, 'notice');
      assert.ok(issue.message.includes(variable.secret ? '(value not shown)' : '="§ ?"'), issue.message);
      assert.ok(issue.message.includes(variable.kind.expects), issue.message);
      const setting = settings.find(({ name }) => name === variable.name);
      assert.deepEqual(setting, { name: variable.name, value: variable.default, origin: 'default' });
    }
  });

  test('every variable of a missing feature gives one line that names it, unless its value is harmless', () => {
    for (const { name, kind, unavailable } of VARIABLES) {
      if (unavailable === undefined) continue;
      const working = [
        '0.5',
        'http://127.0.0.1:1/1',
        '/x',
        'off',
        'upstream',
        'delta',
        'inject',
        'transactions',
        'pushgateway',
      ];
      const candidates = ['json', ...working, 'always_on', 'base2_exponential_bucket_histogram', 'on'];
      const value = candidates.find((text) => kind.parse(text) !== undefined && !unavailable.harmless?.includes(text));
      assert.ok(value !== undefined, name);
      const codes = (text: string): string[] =>
        resolveConfig({ env: { [name]: text } })
          .issues.filter(({ message }) => message.startsWith(`${name}:`))
          .map(({ code }) => code);
      assert.deepEqual(codes(value), ['DUOTEL_FEATURE_UNAVAILABLE'], name);
      for (const harmless of unavailable.harmless ?? []) assert.deepEqual(codes(harmless), [], `${name}=${harmless}`);
    }
  });

  test('variables of one missing feature share a line', () => {
    const env = {
      DUOTEL_JOB_PUSH: 'pushgateway',
      PROMETHEUS_PUSHGATEWAY_URL: 'http://push.example',
      DUOTEL_SPOOL_DIR: '/x',
    };
    const messages = resolveConfig({ env }).issues.map(({ message }) => message);
    assert.deepEqual(messages, [
      'DUOTEL_SPOOL_DIR: this version does not have the disk queue. Telemetry waits in memory.',
      'DUOTEL_JOB_PUSH, PROMETHEUS_PUSHGATEWAY_URL: this version does not have the push of jobs. Metrics are pushed over OTLP.',
    ]);
  });

  test('the reference page has one row per variable and no row with a missing cell', () => {
    const rows = renderConfigurationReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    assert.equal(rows.length, VARIABLES.length);
    for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 7, row);
  });
});
