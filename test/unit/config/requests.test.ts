import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RequestsConfig } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const requests = (env: Readonly<Record<string, string>>): RequestsConfig => resolveConfig({ env }).config.requests;

suite('requests', () => {
  test('by default: our instrumentation, probes ignored, nothing said in responses, baggage kept', () => {
    assert.deepEqual(requests({}), {
      http: 'lean',
      ignore: ['/health', '/healthz', '/livez', '/readyz', '/metrics'],
      bodySizes: false,
      responseHeaders: [],
      trustIncoming: true,
      traceHosts: '*',
      baggageHosts: '',
    });
    assert.deepEqual(resolveConfig({ env: {} }).issues, []);
  });

  test('every value can be set', () => {
    const set = requests({
      DUOTEL_HTTP: 'upstream',
      DUOTEL_HTTP_IGNORE: '/up, /internal/*',
      DUOTEL_HTTP_BODY_SIZES: 'on',
      DUOTEL_TRUST_INCOMING: 'off',
      DUOTEL_TRACE_HOSTS: 'ours.test',
      DUOTEL_BAGGAGE_HOSTS: 'api.ours.test',
    });
    assert.deepEqual(set, {
      http: 'upstream',
      ignore: ['/up', '/internal/*'],
      bodySizes: true,
      responseHeaders: [],
      trustIncoming: false,
      traceHosts: 'ours.test',
      baggageHosts: 'api.ours.test',
    });
    assert.deepEqual(requests({ DUOTEL_RESPONSE_HEADERS: 'X-Trace-ID, X-Request-ID' }).responseHeaders, [
      'x-request-id',
      'x-trace-id',
    ]);
    assert.deepEqual(requests({ DUOTEL_HTTP_IGNORE: 'none' }).ignore, []);
  });

  test('what cannot be used is named, and the default is in force', () => {
    const { config, issues } = resolveConfig({
      env: { DUOTEL_HTTP_IGNORE: 'health', DUOTEL_RESPONSE_HEADERS: 'etag', DUOTEL_TRUST_INCOMING: 'maybe' },
    });
    assert.deepEqual(config.requests, requests({}));
    assert.deepEqual(
      issues.map(({ code, message }) => [code, message.slice(0, message.indexOf('='))]),
      [
        ['DUOTEL_CONFIG_INVALID', 'DUOTEL_RESPONSE_HEADERS'],
        ['DUOTEL_CONFIG_INVALID', 'DUOTEL_HTTP_IGNORE'],
        ['DUOTEL_CONFIG_INVALID', 'DUOTEL_TRUST_INCOMING'],
      ],
    );
  });

  test('headers of responses need our instrumentation', () => {
    const { config, issues } = resolveConfig({
      env: { DUOTEL_HTTP: 'upstream', DUOTEL_RESPONSE_HEADERS: 'server-timing' },
    });
    assert.deepEqual(config.requests.responseHeaders, []);
    assert.equal(issues[0]?.code, 'DUOTEL_CONFIG_CONFLICT');
  });
});
