import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OtlpDestination, Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const BASE = 'http://c:4318';

/** Resolves with short names: `TRACES_HEADERS` for `OTEL_EXPORTER_OTLP_TRACES_HEADERS`. */
function resolve(otlp: Readonly<Record<string, string>>): Resolution {
  const env = Object.fromEntries(Object.entries(otlp).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]));
  return resolveConfig({ env });
}

function traces(otlp: Readonly<Record<string, string>>): OtlpDestination | undefined {
  return resolve({ ENDPOINT: BASE, ...otlp }).config.traces.otlp;
}

suite('OTLP destination', () => {
  test('defaults of the specification', () => {
    assert.deepEqual(traces({}), {
      url: `${BASE}/v1/traces`,
      headers: {},
      protocol: 'http/protobuf',
      compression: 'none',
      timeoutMillis: 10_000,
      tls: {},
    });
  });

  test('variables of all signals hold for each, variables of one signal win for it', () => {
    const { config, issues } = resolve({
      ENDPOINT: `${BASE}/base`,
      TRACES_ENDPOINT: 'http://t:1/x',
      HEADERS: 'a=1,b=1',
      TRACES_HEADERS: 'B=2,c=2',
      PROTOCOL: 'http/json',
      TRACES_PROTOCOL: 'http/protobuf',
      COMPRESSION: 'gzip',
      TRACES_COMPRESSION: 'none',
      TIMEOUT: '1000',
      TRACES_TIMEOUT: '2000',
      CERTIFICATE: 'ca.pem',
      TRACES_CERTIFICATE: 't-ca.pem',
      CLIENT_KEY: 'key.pem',
      CLIENT_CERTIFICATE: 'cert.pem',
    });
    assert.deepEqual(issues, []);
    assert.deepEqual(config.logs.otlp, {
      url: `${BASE}/base/v1/logs`,
      headers: { a: '1', b: '1' },
      protocol: 'http/json',
      compression: 'gzip',
      timeoutMillis: 1000,
      tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
    });
    assert.deepEqual(config.traces.otlp, {
      url: 'http://t:1/x',
      headers: { a: '1', b: '2', c: '2' },
      protocol: 'http/protobuf',
      compression: 'none',
      timeoutMillis: 2000,
      tls: { caFile: 't-ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
    });
  });

  test('an unusable value of one signal leaves the one of all signals in force', () => {
    assert.equal(traces({ TIMEOUT: '1000', TRACES_TIMEOUT: '0' })?.timeoutMillis, 1000);
    assert.equal(traces({ TRACES_ENDPOINT: '§' })?.url, `${BASE}/v1/traces`);
  });

  test('an unusable endpoint sends nothing anywhere and is named', () => {
    const { config, issues } = resolve({ ENDPOINT: 'ftp://c' });
    assert.equal(config.traces.otlp, undefined);
    assert.equal(
      issues[0]?.message,
      'OTEL_EXPORTER_OTLP_ENDPOINT="ftp://c" is not an http:// or https:// address; it counts as unset. Correct or remove it.',
    );
  });

  test('grpc falls back to http/protobuf, one line for all signals', () => {
    const { config, issues } = resolve({ ENDPOINT: BASE, PROTOCOL: 'grpc' });
    assert.equal(config.traces.otlp?.protocol, 'http/protobuf');
    assert.equal(config.traces.otlp.url, `${BASE}/v1/traces`);
    assert.equal(issues.length, 1);
    assert.equal(issues[0]?.code, 'DUOTEL_FEATURE_UNAVAILABLE');
    assert.match(issues[0].message, /^OTEL_EXPORTER_OTLP_PROTOCOL=grpc.*http\/protobuf.*4318/);
  });

  test('grpc at its standard port is sent to the HTTP port of the same host', () => {
    const { config, issues } = resolve({ ENDPOINT: 'http://c:4317', PROTOCOL: 'grpc' });
    assert.equal(config.traces.otlp?.url, `${BASE}/v1/traces`);
    assert.deepEqual(
      issues.map(({ code }) => code),
      ['DUOTEL_FEATURE_UNAVAILABLE'],
    );
  });

  test('the gRPC port alone is named and left alone', () => {
    const { config, issues } = resolve({ TRACES_ENDPOINT: 'http://c:4317/v1/traces' });
    assert.equal(config.traces.otlp?.url, 'http://c:4317/v1/traces');
    assert.deepEqual(
      issues.map(({ code, severity }) => [code, severity]),
      [['DUOTEL_CONFIG_ENDPOINT', 'notice']],
    );
    assert.match(issues[0]?.message ?? '', /4318/);
  });

  test('credentials in the address are sent as header and not shown', () => {
    const { config, settings, issues } = resolve({ ENDPOINT: 'https://u:hush@otlp.example' });
    assert.deepEqual(config.traces.otlp?.headers, {
      authorization: `Basic ${Buffer.from('u:hush').toString('base64')}`,
    });
    assert.ok(!JSON.stringify([settings, issues, config.traces.otlp.url]).includes('hush'));
  });

  test('half a client certificate is named and left out', () => {
    const { config, issues } = resolve({ ENDPOINT: BASE, CERTIFICATE: 'ca.pem', CLIENT_KEY: 'key.pem' });
    assert.deepEqual(config.traces.otlp?.tls, { caFile: 'ca.pem' });
    assert.deepEqual(
      issues.map(({ code }) => code),
      ['DUOTEL_CONFIG_CREDENTIAL'],
    );
    assert.match(issues[0]?.message ?? '', /CLIENT_CERTIFICATE is missing/);
  });

  test('pairs of headers that cannot be read are named without their value', () => {
    const { config, issues } = resolve({ ENDPOINT: BASE, HEADERS: 'hush,a=1' });
    assert.deepEqual(config.traces.otlp?.headers, { a: '1' });
    assert.deepEqual(
      issues.map(({ code }) => code),
      ['DUOTEL_CONFIG_INVALID'],
    );
    assert.ok(!JSON.stringify(issues).includes('hush'));
  });
});
