import assert from 'node:assert/strict';
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

suite('samplers', () => {
  const cases: readonly (readonly [yaml: string, name: string, argument?: string])[] = [
    ['{ always_on: }', 'always_on'],
    ['{ always_off: {} }', 'always_off'],
    ['{ trace_id_ratio_based: { ratio: 0.10 } }', 'traceidratio', '0.10'],
    ['{ probability/development: { ratio: 0.5 } }', 'traceidratio', '0.5'],
    ['{ parent_based: }', 'parentbased_always_on'],
    ['{ parent_based: { root: { always_off: } } }', 'parentbased_always_off'],
    ['{ parent_based: { root: { trace_id_ratio_based: } } }', 'parentbased_traceidratio'],
  ];
  for (const [yaml, name, argument] of cases) {
    test(`${yaml} is ${name}`, () => {
      const values = valuesOf(`file_format: "1.0"\ntracer_provider: { processors: [], sampler: ${yaml} }\n`);
      assert.equal(values['OTEL_TRACES_SAMPLER'], name);
      assert.equal(values['OTEL_TRACES_SAMPLER_ARG'], argument);
    });
  }

  test('a rule for children that ours does not follow is reported', () => {
    const [message, ...rest] = messagesOf(
      'file_format: "1.0"\ntracer_provider: { sampler: { parent_based: { remote_parent_sampled: { always_off: } } } }\n',
    );
    assert.match(
      message ?? '',
      /tracer_provider\.sampler\.parent_based\.remote_parent_sampled\.always_off has no effect/,
    );
    assert.deepEqual(rest, []);
  });
});

suite('exporters', () => {
  test('console and OTLP stand side by side, and the first processor decides the timing', () => {
    const values = valuesOf(`
file_format: "1.0"
logger_provider:
  processors:
    - batch: { schedule_delay: 250, exporter: { otlp_http: } }
    - batch: { schedule_delay: 9000, exporter: { console: } }
`);
    assert.equal(values['OTEL_LOGS_EXPORTER'], 'otlp,console');
    assert.equal(values['OTEL_BLRP_SCHEDULE_DELAY'], '250');
  });

  test('low memory temporality gets the spelling of the variable', () => {
    const values = valuesOf(
      'file_format: "1.0"\nmeter_provider: { readers: [{ periodic: { exporter: { otlp_http: { temporality_preference: low_memory } } } }] }\n',
    );
    assert.equal(values['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'], 'lowmemory');
  });

  test('a second OTLP exporter of a signal is reported and does not change the first', () => {
    const yaml = `
file_format: "1.1"
tracer_provider:
  processors:
    - batch: { exporter: { otlp_http: { endpoint: "http://first/v1/traces" } } }
    - batch: { schedule_delay: 9, exporter: { otlp_http: { endpoint: "http://second/v1/traces" } } }
meter_provider:
  readers:
    - periodic: { exporter: { otlp_http: { endpoint: "http://first/v1/metrics" } } }
    - periodic: { interval: 9, exporter: { otlp_http: { endpoint: "http://second/v1/metrics" } } }
    - pull: { exporter: { prometheus/development: { port: 1 } } }
    - pull: { exporter: { prometheus/development: { port: 2 } } }
`;
    const { values } = read(yaml);
    assert.equal(values?.['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'], 'http://first/v1/traces');
    assert.equal(values?.['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'], 'http://first/v1/metrics');
    assert.equal(values?.['OTEL_EXPORTER_PROMETHEUS_PORT'], '1');
    assert.equal(values?.['OTEL_BSP_SCHEDULE_DELAY'], undefined);
    assert.equal(values?.['OTEL_METRIC_EXPORT_INTERVAL'], undefined);
    const messages = messagesOf(yaml);
    assert.equal(messages.length, 3);
    assert.match(
      messages[0] ?? '',
      /tracer_provider\.processors\[1\] has no effect\. One otlp_http exporter per signal/,
    );
    assert.match(messages[1] ?? '', /meter_provider\.readers\[1\] has no effect\. One otlp_http exporter per signal/);
    assert.match(messages[2] ?? '', /meter_provider\.readers\[3\] has no effect\. One Prometheus endpoint/);
  });

  test('gRPC is reported with what to use instead, and nothing is sent', () => {
    const yaml =
      'file_format: "1.0"\ntracer_provider: { processors: [{ batch: { exporter: { otlp_grpc: { endpoint: "http://c:4317" } } } }] }\n';
    assert.equal(read(yaml).values?.['OTEL_TRACES_EXPORTER'], 'none');
    assert.deepEqual(messagesOf(yaml), [
      `OTEL_CONFIG_FILE="${PATH}": tracer_provider.processors[0].batch.exporter.otlp_grpc has no effect. ` +
        'OTLP over gRPC is not available; use otlp_http. The rest of the file is in force.',
    ]);
  });
});
