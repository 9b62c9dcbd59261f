import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

type Env = Readonly<Record<string, string>>;

const ID = 'GRAFANA_CLOUD_INSTANCE_ID';
const TOKEN = 'GRAFANA_CLOUD_OTLP_TOKEN';
const ZONE = 'GRAFANA_CLOUD_ZONE';
const TRIO: Env = { [ID]: '123456', [TOKEN]: 'glc_hush', [ZONE]: 'prod-eu-west-2' };
const BASIC = `Basic ${Buffer.from('123456:glc_hush').toString('base64')}`;
const GATEWAY = 'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp';

function messages({ issues }: Resolution): string[] {
  return issues.map(({ code, message }) => `${code} ${message}`);
}

/** A token as Grafana Cloud makes them: base64 of JSON that holds the number of the organisation. */
function tokenOf(organisation: string): string {
  const payload = JSON.stringify({ o: organisation, n: 'test', k: 'not-a-key', m: { r: 'eu' } });
  return `glc_${Buffer.from(payload).toString('base64')}`;
}

suite('Grafana Cloud in three variables', () => {
  test('all three signals go to the gateway with Basic and gzip, and the account says preset', () => {
    const resolution = resolveConfig({ env: TRIO });
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      const { otlp } = resolution.config[signal];
      assert.equal(otlp?.url, `${GATEWAY}/v1/${signal}`);
      assert.deepEqual(otlp.headers, { authorization: BASIC });
      assert.equal(otlp.compression, 'gzip');
      assert.equal(otlp.protocol, 'http/protobuf');
    }
    assert.deepEqual(messages(resolution), []);
    const presets = resolution.settings.filter(({ origin }) => origin === 'preset');
    assert.deepEqual(presets, [
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: GATEWAY, origin: 'preset' },
      { name: 'OTEL_EXPORTER_OTLP_HEADERS', value: '[secret]', origin: 'preset' },
      { name: 'OTEL_EXPORTER_OTLP_COMPRESSION', value: 'gzip', origin: 'preset' },
    ]);
  });

  test('the address stands in for the zone, the API key for the token', () => {
    const env = {
      [ID]: '123456',
      GRAFANA_CLOUD_API_KEY: 'glc_hush',
      GRAFANA_CLOUD_OTLP_ENDPOINT: 'http://127.0.0.1:9/otlp',
    };
    const { otlp } = resolveConfig({ env }).config.traces;
    assert.equal(otlp?.url, 'http://127.0.0.1:9/otlp/v1/traces');
    assert.deepEqual(otlp.headers, { authorization: BASIC });
  });

  for (const zone of ['otlp-gateway-prod-eu-west-2.grafana.net', `${GATEWAY}/`, 'PROD-EU-WEST-2']) {
    test(`the zone is found in ${zone}`, () => {
      assert.equal(resolveConfig({ env: { ...TRIO, [ZONE]: zone } }).config.logs.otlp?.url, `${GATEWAY}/v1/logs`);
    });
  }

  for (const [title, token] of [
    ['the whole credential', BASIC],
    ['its base64', BASIC.slice(6)],
    ['id:token', '123456:glc_hush'],
    ['two lines', 'glc_\nhush'],
  ] as const) {
    test(`the token is found in ${title}`, () => {
      const resolution = resolveConfig({ env: { ...TRIO, [TOKEN]: token } });
      assert.deepEqual(resolution.config.traces.otlp?.headers, { authorization: BASIC });
      assert.deepEqual(
        resolution.issues.map(({ code }) => code),
        ['DUOTEL_CONFIG_REPAIRED'],
      );
    });
  }

  test('OTEL_ variables win one by one, and a signal sent elsewhere does not carry the credential', () => {
    const { config } = resolveConfig({
      env: {
        ...TRIO,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces',
        OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'authorization=Bearer other',
      },
    });
    assert.deepEqual(config.traces.otlp?.headers, {});
    assert.equal(config.traces.otlp.compression, 'none');
    assert.equal(config.logs.otlp?.compression, 'none');
    assert.deepEqual(config.logs.otlp.headers, { authorization: BASIC });
    assert.deepEqual(config.metrics.otlp?.headers, { authorization: 'Bearer other' });
  });

  test('another general endpoint gets neither address nor credential of the preset', () => {
    const resolution = resolveConfig({ env: { ...TRIO, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' } });
    const { otlp } = resolution.config.traces;
    assert.equal(otlp?.url, 'http://collector:4318/v1/traces');
    assert.deepEqual(otlp.headers, {});
    assert.deepEqual(
      resolution.issues.map(({ code, severity }) => [code, severity]),
      [['DUOTEL_CONFIG_CONFLICT', 'info']],
    );
  });

  test('the credential joins a gateway that is set by the general endpoint', () => {
    const { [ZONE]: _, ...pair } = TRIO;
    const resolution = resolveConfig({ env: { ...pair, OTEL_EXPORTER_OTLP_ENDPOINT: GATEWAY } });
    assert.deepEqual(resolution.config.traces.otlp?.headers, { authorization: BASIC });
    assert.deepEqual(messages(resolution), []);
  });

  test('exporters that are turned off stay off', () => {
    assert.equal(resolveConfig({ env: { ...TRIO, OTEL_TRACES_EXPORTER: 'none' } }).config.traces.otlp, undefined);
  });
});

suite('Grafana Cloud with a mistake', () => {
  const named: readonly (readonly [title: string, env: Env, ...mentions: string[]])[] = [
    ['no instance id', { ...TRIO, [ID]: '' }, ID, 'missing'],
    ['no token', { ...TRIO, [TOKEN]: '' }, TOKEN, 'missing'],
    ['no zone', { ...TRIO, [ZONE]: '' }, ZONE, 'missing'],
    ['only a zone', { [ZONE]: 'prod-eu-west-2' }, ID, TOKEN],
    [
      'the metrics user for the instance id',
      { ...TRIO, [ID]: '', GRAFANA_CLOUD_METRICS_USERNAME: '99' },
      'GRAFANA_CLOUD_METRICS_USERNAME',
      'never',
    ],
    [
      'the metrics user as instance id',
      { ...TRIO, GRAFANA_CLOUD_METRICS_USERNAME: '123456' },
      'equals GRAFANA_CLOUD_METRICS_USERNAME',
    ],
    ['a name as instance id', { ...TRIO, [ID]: 'acme' }, ID, 'number'],
    ['the organisation as instance id', { ...TRIO, [TOKEN]: tokenOf('123456') }, ID, 'organisation'],
    ['a token of Grafana itself', { ...TRIO, [TOKEN]: 'glsa_hush' }, 'service account'],
    ['id and token swapped', { ...TRIO, [ID]: 'glc_hush', [TOKEN]: '123456' }, 'swapped'],
    ['a gateway without any credential', { OTEL_EXPORTER_OTLP_ENDPOINT: GATEWAY }, 'needs a credential'],
    [
      'an empty token in the header',
      { OTEL_EXPORTER_OTLP_ENDPOINT: GATEWAY, OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic MTIzNDU2Og==' },
      'OTEL_EXPORTER_OTLP_HEADERS',
      'empty',
    ],
  ];
  for (const [title, env, ...mentions] of named) {
    test(`${title} is named in one line without the token`, () => {
      const resolution = resolveConfig({ env });
      const credential = resolution.issues.filter(({ code }) => code === 'DUOTEL_CONFIG_CREDENTIAL');
      assert.equal(credential.length, 1, messages(resolution).join('\n'));
      for (const mention of mentions) assert.ok(credential[0]?.message.includes(mention), credential[0]?.message);
      assert.ok(!JSON.stringify([resolution.issues, resolution.settings]).includes('hush'));
    });
  }

  test('a token of another organisation number is fine', () => {
    assert.deepEqual(messages(resolveConfig({ env: { ...TRIO, [TOKEN]: tokenOf('7') } })), []);
  });

  test('an API key alone is no wish for OTLP', () => {
    const resolution = resolveConfig({ env: { GRAFANA_CLOUD_API_KEY: 'glc_hush' } });
    assert.deepEqual(messages(resolution), []);
    assert.equal(resolution.config.traces.otlp, undefined);
  });

  test('remote write is named as missing, not taken for OTLP', () => {
    const resolution = resolveConfig({
      env: {
        GRAFANA_CLOUD_METRICS_URL: 'https://prometheus-prod-01-eu-west-0.grafana.net/api/prom/push',
        GRAFANA_CLOUD_METRICS_USERNAME: '99',
        GRAFANA_CLOUD_API_KEY: 'glc_hush',
      },
    });
    assert.equal(resolution.config.metrics.otlp, undefined);
    assert.deepEqual(
      resolution.issues.map(({ code }) => code),
      ['DUOTEL_FEATURE_UNAVAILABLE'],
    );
  });

  test('a zone that is none leaves the endpoint unset', () => {
    const resolution = resolveConfig({ env: { ...TRIO, [ZONE]: 'prod eu' } });
    assert.equal(resolution.config.traces.otlp, undefined);
    assert.equal(messages(resolution).length, 1);
    assert.ok(messages(resolution)[0]?.startsWith(`DUOTEL_CONFIG_INVALID ${ZONE}="prod eu"`));
  });
});
