import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isGrafanaGateway, parseEndpoint, signalUrl } from '../../../src/config/endpoint.ts';
import type { SignalName } from '../../../src/config/variables/otlp.ts';

const GATEWAY = 'https://otlp-gateway-prod-eu-west-2.grafana.net';

function hrefOf(text: string, signal?: SignalName): string | undefined {
  return parseEndpoint(text, signal).url?.href;
}

suite('endpoint as the specification has it', () => {
  const untouched: readonly (readonly [string, SignalName | undefined, string])[] = [
    ['http://localhost:4318', undefined, 'http://localhost:4318/'],
    ['http://collector:4318/base/', undefined, 'http://collector:4318/base/'],
    ['https://otlp.example/v1/traces', 'traces', 'https://otlp.example/v1/traces'],
    ['https://otlp.example', 'logs', 'https://otlp.example/'],
    ['https://otlp.example/any/path?x=1', 'metrics', 'https://otlp.example/any/path?x=1'],
    ['http://[::1]:4318', undefined, 'http://[::1]:4318/'],
    [`${GATEWAY}/otlp`, undefined, `${GATEWAY}/otlp`],
    [`${GATEWAY}/otlp/v1/logs`, 'logs', `${GATEWAY}/otlp/v1/logs`],
  ];
  for (const [text, signal, href] of untouched) {
    test(`${text} for ${signal ?? 'all signals'} is used as it is`, () => {
      const { url, repairs, mistakes, authorization } = parseEndpoint(text, signal);
      assert.deepEqual(
        { href: url?.href, repairs, mistakes, authorization },
        { href, repairs: [], mistakes: [], authorization: undefined },
      );
    });
  }

  test('the signal path follows the base, before a query', () => {
    assert.equal(signalUrl(new URL('http://c:4318'), 'traces').href, 'http://c:4318/v1/traces');
    assert.equal(signalUrl(new URL('http://c:4318/base//'), 'logs').href, 'http://c:4318/base/v1/logs');
    assert.equal(signalUrl(new URL('http://c:4318/base?x=1'), 'metrics').href, 'http://c:4318/base/v1/metrics?x=1');
  });
});

suite('endpoint with a slip', () => {
  const repaired: readonly (readonly [string, SignalName | undefined, string])[] = [
    ['http://c:4318/v1/traces', undefined, 'http://c:4318/'],
    ['http://c:4318/base/v1/logs/', undefined, 'http://c:4318/base'],
    ['http://c:4318/v1/traces/v1/traces', undefined, 'http://c:4318/'],
    ['http://c:4318/v1/traces/v1/traces', 'traces', 'http://c:4318/v1/traces'],
    ['http://c:4318 /otlp', undefined, 'http://c:4318/otlp'],
    ['http://c:4318,', undefined, 'http://c:4318/'],
    ['localhost:4318', undefined, 'http://localhost:4318/'],
    ['127.0.0.1:8080', undefined, 'http://127.0.0.1:8080/'],
    ['[::1]:8080', undefined, 'http://[::1]:8080/'],
    ['localhost', undefined, 'http://localhost/'],
    ['collector:8080', undefined, 'http://collector:8080/'],
    ['collector.observability.svc:8080', undefined, 'http://collector.observability.svc:8080/'],
    ['collector.observability:4318', undefined, 'http://collector.observability:4318/'],
    ['otlp.example.com', undefined, 'https://otlp.example.com/'],
    ['user:hush@otlp.example.com/x', undefined, 'https://otlp.example.com/x'],
    ['//otlp.example.com', undefined, 'https://otlp.example.com/'],
    ['https:otlp.example.com', undefined, 'https://otlp.example.com/'],
    ['https:/otlp.example.com', undefined, 'https://otlp.example.com/'],
    ['https://https://otlp.example.com', undefined, 'https://otlp.example.com/'],
    ['grpc://c:4318', undefined, 'http://c:4318/'],
    [GATEWAY, undefined, `${GATEWAY}/otlp`],
    [`${GATEWAY}/v1/traces`, undefined, `${GATEWAY}/otlp`],
    [`${GATEWAY}/v1/traces`, 'traces', `${GATEWAY}/otlp/v1/traces`],
    [`${GATEWAY}/otlp`, 'metrics', `${GATEWAY}/otlp/v1/metrics`],
    [`${GATEWAY.replace('https', 'http')}:4318/otlp`, undefined, `${GATEWAY}/otlp`],
  ];
  for (const [text, signal, href] of repaired) {
    test(`${text} for ${signal ?? 'all signals'} becomes ${href}`, () => {
      const { url, repairs, mistakes } = parseEndpoint(text, signal);
      assert.equal(url?.href, href);
      assert.ok(repairs.length > 0);
      assert.deepEqual(mistakes, []);
    });
  }

  test('credentials in the address become a header and leave the address', () => {
    const { url, authorization } = parseEndpoint('https://12:a%3Ab@otlp.example');
    assert.equal(url?.href, 'https://otlp.example/');
    assert.equal(authorization, `Basic ${Buffer.from('12:a:b').toString('base64')}`);
  });

  test('credentials with an escape that is none do not throw', () => {
    assert.equal(parseEndpoint('https://a:100%25%@otlp.example').url?.href, 'https://otlp.example/');
  });
});

suite('endpoint that cannot be right', () => {
  for (const text of ['ftp://c:21', 'http://', 'https://:4318', 'http://c:99999', 'true', '§', 'http://a b c:4318:1']) {
    test(`${text} is no address`, () => assert.equal(hrefOf(text), undefined));
  }

  const named: readonly (readonly [string, SignalName | undefined, RegExp])[] = [
    ['http://c:4318/v1/metrics', 'traces', /path of metrics/],
    ['http://c:4318', 'traces', /lacks \/v1\/traces/],
    ['https://acme.grafana.net', undefined, /otlp-gateway/],
    ['https://tempo-prod-10-prod-eu-west-2.grafana.net:443', undefined, /otlp-gateway/],
    ['https://prometheus-prod-01-eu-west-0.grafana.net/api/prom/push', undefined, /otlp-gateway/],
  ];
  for (const [text, signal, mistake] of named) {
    test(`${text} for ${signal ?? 'all signals'} is named and left alone`, () => {
      const { url, repairs, mistakes } = parseEndpoint(text, signal);
      assert.equal(url?.href, new URL(text).href);
      assert.deepEqual(repairs, []);
      assert.match(mistakes.join(' '), mistake);
    });
  }

  test('the own OTLP paths of Loki and Mimir in Grafana Cloud are fine', () => {
    assert.deepEqual(parseEndpoint('https://logs-prod-012.grafana.net/otlp/v1/logs', 'logs').mistakes, []);
  });

  test('only the gateway of Grafana Cloud is one', () => {
    assert.ok(isGrafanaGateway('otlp-gateway-prod-us-central-0.grafana.net'));
    assert.ok(!isGrafanaGateway('otlp-gateway-x.grafana.net.evil.example'));
    assert.ok(!isGrafanaGateway('evil-otlp-gateway-x.grafana.net'));
  });
});
