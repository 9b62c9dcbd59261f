import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { readConfigFile, type ConfigFileResult } from '../../../src/config/config-file.ts';
import { VARIABLES } from '../../../src/config/variables/index.ts';

const PATH = '/etc/otel/otel.yaml';

function read(yaml: string, env: Readonly<Record<string, string>> = {}): ConfigFileResult {
  return readConfigFile(PATH, env, (path) => (path === PATH ? yaml : undefined));
}

function valuesOf(yaml: string, env: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const { values, issues } = read(yaml, env);
  assert.deepEqual(issues, []);
  assert.ok(values !== undefined);
  const known = new Set(VARIABLES.map((variable) => variable.name));
  for (const name of Object.keys(values)) assert.ok(known.has(name), `${name} is not in the table of variables`);
  return values;
}

function messagesOf(yaml: string): string[] {
  return read(yaml).issues.map((issue) => {
    assert.equal(issue.code, 'DUOTEL_CONFIG_INVALID');
    assert.equal(issue.severity, 'notice');
    return issue.message;
  });
}

const NOTHING_SENT = {
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_PROPAGATORS: 'none',
};

const MIGRATION_FILE = readFileSync(new URL('fixtures/migration.yaml', import.meta.url), 'utf8');

suite('a full file', () => {
  test('every key of the migration example becomes the variable it stands for', () => {
    const env = {
      OTEL_SERVICE_NAME: 'checkout',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=loses,team=red%20one',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'Authorization=Basic%20abc,x-scope-orgid=loses',
    };
    assert.deepEqual(valuesOf(MIGRATION_FILE, env), {
      OTEL_SDK_DISABLED: 'false',
      OTEL_LOG_LEVEL: 'info',
      OTEL_RESOURCE_ATTRIBUTES: 'team=red%20one,service.name=checkout',
      OTEL_PROPAGATORS: 'tracecontext,baggage,b3',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '128',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_BSP_SCHEDULE_DELAY: '5000',
      OTEL_BSP_EXPORT_TIMEOUT: '30000',
      OTEL_BSP_MAX_QUEUE_SIZE: '2048',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '10000',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'Authorization=Basic%20abc,X-Scope-OrgID=tenant%20one%2C%20two',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/certs/client.key',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/certs/client.pem',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4096',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '64',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '32',
      OTEL_SPAN_LINK_COUNT_LIMIT: '16',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '8',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '4',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_METRIC_EXPORT_INTERVAL: '15000',
      OTEL_METRIC_EXPORT_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://localhost:4318/v1/metrics',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'explicit_bucket_histogram',
      OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
      OTEL_EXPORTER_PROMETHEUS_PORT: '9465',
      DUOTEL_METRICS_TRANSLATION: 'underscore_escaping_with_suffixes',
      OTEL_METRICS_EXEMPLAR_FILTER: 'trace_based',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_BLRP_SCHEDULE_DELAY: '1000',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://localhost:4318/v1/logs',
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1024',
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '128',
    });
  });

  test('certificates are read from where file format 0.4 has them', () => {
    const values = valuesOf(`
file_format: "0.4"
propagator: { composite: [tracecontext, baggage] }
tracer_provider:
  processors:
    - simple:
        exporter:
          otlp_http: { endpoint: http://c:4318/v1/traces, certificate_file: /ca, client_key_file: /key, client_certificate_file: /cert }
`);
    assert.deepEqual(values, {
      ...NOTHING_SENT,
      OTEL_PROPAGATORS: 'tracecontext,baggage',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/ca',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/key',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/cert',
    });
  });
});

suite('what is absent', () => {
  for (const format of ['"0.4"', '"1.0-rc.1"', '"1.0-rc.3"', '"1.0"', '"1.1"', '1.0', '"1.7"']) {
    test(`a file with nothing but file_format ${format} sends nothing`, () => {
      assert.deepEqual(valuesOf(`file_format: ${format}\n`), NOTHING_SENT);
    });
  }

  test('null and empty values leave the default in force', () => {
    const values = valuesOf(`
file_format: "1.0"
disabled:
log_level: null
resource: { attributes: [{ name: a, value: }, { name: b, value: ~ }, { name: c, value: "\${UNSET}" }] }
tracer_provider: { processors: , sampler: }
`);
    assert.deepEqual(values, NOTHING_SENT);
  });
});

suite('unknown keys', () => {
  test('each is reported by its path and the known ones count', () => {
    const yaml = `
file_format: "1.0"
resouce: { attributes: [] }
resource: { attributes: [{ name: tags, value: [a, b] }, { name: ok, value: 1.10 }], schema_url: "https://x/1.0" }
meter_provider: { readers: [], views: [{ selector: {}, stream: {} }] }
instrumentation/development: { js: {} }
distribution: { duotel: { a: b } }
tracer_provider: [not, a, mapping]
`;
    const paths = messagesOf(yaml).map((message) => / ([^ ]+) has no effect/.exec(message)?.[1]);
    const expected = [
      'distribution.duotel',
      'instrumentation/development',
      'meter_provider.views',
      'resouce',
      'resource.attributes[0].value',
      'resource.schema_url',
      'tracer_provider',
    ];
    assert.deepEqual(new Set(paths), new Set(expected));
    assert.equal(read(yaml).values?.['OTEL_RESOURCE_ATTRIBUTES'], 'ok=1.10');
  });

  test('beyond ten the others are counted in one line', () => {
    const unknown = Array.from({ length: 25 }, (_, index) => `unknown_${index}: 1`).join('\n');
    const messages = messagesOf(`file_format: "1.0"\n${unknown}\n`);
    assert.equal(messages.length, 11);
    assert.match(messages.at(-1) ?? '', /15 more keys have no effect/);
  });
});

suite('a file that cannot be used', () => {
  const cases: readonly (readonly [what: string, yaml: string, reason: RegExp])[] = [
    ['broken YAML', 'file_format: "1.0"\nheaders: [secret-token', /is not valid YAML \(line \d+, [A-Z_]+\)/],
    ['a tab as indentation', 'file_format: "1.0"\na:\n\tb: secret-token\n', /is not valid YAML \(line 3, /],
    ['an invalid reference', 'file_format: "1.0"\na: x\nb: ${secret-token!}\n', /has an invalid reference \(line 3\)/],
    ['a list at the top', '- secret-token\n', /is not a mapping/],
    ['nothing in it', '', /is not a mapping/],
    ['no file_format', 'disabled: true\n', /has no file_format of 0\.4 or 1\.x/],
    ['a file_format of tomorrow', 'file_format: "2.0"\n', /has no file_format of 0\.4 or 1\.x/],
    ['a file_format of yesterday', 'file_format: "0.3"\n', /has no file_format of 0\.4 or 1\.x/],
    ['a billion laughs', laughs(), /repeats aliases beyond measure/],
  ];
  for (const [what, yaml, reason] of cases) {
    test(`with ${what} it leaves the environment in force and says so in one line without its content`, () => {
      const { values, issues } = read(yaml);
      assert.equal(values, undefined);
      assert.equal(issues.length, 1);
      assert.match(issues[0]?.message ?? '', reason);
      assert.match(issues[0]?.message ?? '', /the environment variables are in force instead/);
      assert.doesNotMatch(issues[0]?.message ?? '', /secret-token/);
    });
  }

  test('a missing file leaves the environment in force', () => {
    const { values, issues } = readConfigFile('/nowhere.yaml', {}, () => undefined);
    assert.equal(values, undefined);
    assert.match(issues[0]?.message ?? '', /^OTEL_CONFIG_FILE="\/nowhere\.yaml" cannot be read; the environment/);
  });
});

function laughs(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 10; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return `file_format: "1.0"\n${lines.join('\n')}\n`;
}
