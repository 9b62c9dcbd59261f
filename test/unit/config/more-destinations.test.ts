import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../../../src/config/resolve.ts';
import type { DestinationOptions } from '../../../src/config/options.ts';

function resolve(destinations: readonly DestinationOptions[], env: Record<string, string> = {}) {
  return resolveConfig({ options: { serviceName: 'shop', destinations }, env });
}

test('each destination gets all signals under its address, with its own headers, beside the configured one', () => {
  const { config, issues } = resolve(
    [{ endpoint: 'https://user:pass@second.example/otlp', headers: { 'X-Scope': 'team' } }],
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://first:4318', OTEL_EXPORTER_OTLP_HEADERS: 'secret=first' },
  );
  assert.equal(config.traces.otlp?.url, 'http://first:4318/v1/traces');
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    const [second, third] = config[signal].moreOtlp;
    assert.equal(second?.url, `https://second.example/otlp/v1/${signal}`);
    assert.deepEqual(second?.headers, { authorization: 'Basic dXNlcjpwYXNz', 'x-scope': 'team' });
    assert.equal(third, undefined);
  }
  assert.deepEqual(issues, []);
});

test('a destination may be for some signals only', () => {
  const { config } = resolve([{ endpoint: 'http://c:4318', signals: ['logs'], protocol: 'http/json' }]);
  assert.equal(config.traces.moreOtlp.length, 0);
  assert.equal(config.logs.moreOtlp[0]?.protocol, 'http/json');
});

test('what is no address is named and left out, the others stay', () => {
  const hostile = [
    { endpoint: 'true' },
    null,
    {},
    { endpoint: 7 },
    { endpoint: 'http://c:4318' },
  ] as DestinationOptions[];
  const { config, issues } = resolve(hostile);
  assert.equal(config.traces.moreOtlp.length, 1);
  assert.deepEqual(
    issues.map(({ code, message }) => [code, /destinations\[\d\]/.exec(message)?.[0]]),
    [0, 1, 2, 3].map((index) => ['DUOTEL_CONFIG_INVALID', `destinations[${index}]`]),
  );
});
