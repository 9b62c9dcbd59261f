import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHopeless, kindOfError, kindOfStatus, remedyOf, type CauseKind } from '../../../src/delivery/cause.ts';

const remedy = (kind: CauseKind, url = 'http://localhost:4318/v1/traces'): string =>
  remedyOf({ kind, code: '', text: '' }, url);

test('each kind of trouble has a remedy that names what to check', () => {
  assert.match(remedy('credential'), /OTEL_EXPORTER_OTLP_HEADERS/);
  assert.match(remedy('refused'), /collector is running/);
  assert.match(remedy('path'), /path in OTEL_EXPORTER_OTLP_ENDPOINT/);
  assert.match(remedy('dns'), /host name/);
  assert.match(remedy('tls'), /OTEL_EXPORTER_OTLP_CERTIFICATE/);
  assert.match(remedy('timeout'), /OTEL_EXPORTER_OTLP_TIMEOUT/);
  assert.match(remedy('protocol'), /4318.*4317/);
});

test('Grafana Cloud gets its own advice', () => {
  const url = 'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/traces';
  assert.match(remedy('credential', url), /GRAFANA_CLOUD_OTLP_TOKEN/);
  assert.match(remedy('path', url), /\/otlp/);
  assert.doesNotMatch(remedy('credential', 'https://grafana.net.example/otlp/v1/traces'), /GRAFANA/);
});

test('codes of Node.js, OpenSSL and the parser are told apart', () => {
  const kinds = {
    ECONNREFUSED: 'refused',
    ENOTFOUND: 'dns',
    EAI_AGAIN: 'dns',
    ETIMEDOUT: 'timeout',
    DEADLINE: 'timeout',
    ECONNRESET: 'network',
    EPIPE: 'network',
    HPE_INVALID_CONSTANT: 'protocol',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
    CERT_HAS_EXPIRED: 'tls',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
    ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
    ERR_INVALID_CHAR: 'credential',
    ERR_INVALID_URL: 'path',
  };
  for (const [code, kind] of Object.entries(kinds)) assert.equal(kindOfError(code), kind, code);
});

test('a drain gives up at once on refused, DNS, TLS, 401, 403 and 404, and on nothing that may pass', () => {
  const hopeless = (kind: CauseKind): boolean => isHopeless({ kind, code: '', text: '' });
  for (const kind of [kindOfError('ECONNREFUSED'), kindOfError('ENOTFOUND'), kindOfError('CERT_HAS_EXPIRED')])
    assert.ok(hopeless(kind));
  for (const status of [401, 403, 404]) assert.ok(hopeless(kindOfStatus(status)), String(status));
  for (const status of [400, 413, 429, 500, 502, 503, 504]) assert.ok(!hopeless(kindOfStatus(status)), String(status));
  for (const code of ['ECONNRESET', 'DEADLINE', 'EPIPE']) assert.ok(!hopeless(kindOfError(code)), code);
});
