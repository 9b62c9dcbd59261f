import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import type { DestinationOptions } from '../../../src/config/options.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const PREFERENCE = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';

function resolve(preference: string, endpoint: string): Resolution {
  return resolveConfig({
    env: { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, [PREFERENCE]: preference },
  });
}

const codes = ({ issues }: Resolution): string[] => issues.map(({ severity, code }) => `${severity} ${code}`);
const inForce = ({ settings }: Resolution): string | undefined =>
  settings.find(({ name }) => name === PREFERENCE)?.value;

test('metrics of the variables are sent as asked, other signals know no temporality', () => {
  for (const preference of ['delta', 'lowmemory'] as const) {
    const resolution = resolve(preference, 'http://collector:4318');
    equal(resolution.config.metrics.otlp?.temporality, preference);
    equal('temporality' in (resolution.config.traces.otlp ?? {}), false);
    equal(inForce(resolution), preference);
    deepEqual(codes(resolution), ['info DUOTEL_FEATURE_UNAVAILABLE']);
    match(resolution.issues[0]?.message ?? '', /lost when process\.exit\(\) or a crash/);
  }
  const usual = resolve('cumulative', 'http://collector:4318');
  equal(usual.config.metrics.otlp?.temporality, undefined);
  deepEqual(codes(usual), []);
});

test('T31 the Prometheus family is known by its address and gets totals, with one line', () => {
  const addresses = [
    'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp',
    'http://prometheus:9090/api/v1/otlp',
    'http://mimir:8080/otlp',
    'http://victoria:8428/opentelemetry',
    'http://vminsert:8480/insert/0/opentelemetry',
  ];
  for (const address of addresses) {
    const resolution = resolveConfig({
      env: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_OTLP_ENDPOINT: address,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20MTpnbGNfeA==',
        [PREFERENCE]: 'delta',
      },
    });
    equal(resolution.config.metrics.otlp?.temporality, undefined, address);
    equal(inForce(resolution), 'cumulative');
    const lines = resolution.issues.filter(({ message }) => message.includes(PREFERENCE));
    deepEqual(
      lines.map(({ severity, code }) => `${severity} ${code}`),
      ['notice DUOTEL_CONFIG_CONFLICT'],
      address,
    );
    match(lines[0]?.message ?? '', /cumulative is in force/);
  }
  for (const address of ['https://tenant.live.dynatrace.com/api/v2/otlp', 'https://otlp.nr-data.net'])
    equal(resolve('delta', address).config.metrics.otlp?.temporality, 'delta', address);
});

test('each further destination says for itself; what it cannot mean is named', () => {
  const destinations = [
    { endpoint: 'http://a:4318' },
    { endpoint: 'http://b:4318', temporality: 'delta' },
    { endpoint: 'http://c:4318', temporality: 'lowmemory' },
    { endpoint: 'http://d:9090/api/v1/otlp', temporality: 'delta' },
    { endpoint: 'http://e:4318', temporality: 'both' },
  ] as DestinationOptions[];
  const resolution = resolveConfig({
    options: { serviceName: 'shop', destinations },
    env: { [PREFERENCE]: 'delta' },
  });
  deepEqual(
    resolution.config.metrics.moreOtlp.map(({ temporality }) => temporality),
    [undefined, 'delta', 'lowmemory', undefined, undefined],
  );
  deepEqual(codes(resolution), [
    'info DUOTEL_FEATURE_UNAVAILABLE',
    'info DUOTEL_FEATURE_UNAVAILABLE',
    'notice DUOTEL_CONFIG_CONFLICT',
    'notice DUOTEL_CONFIG_INVALID',
  ]);
});

test('nothing is said where no metrics are sent', () => {
  deepEqual(codes(resolveConfig({ env: { OTEL_SERVICE_NAME: 'shop', [PREFERENCE]: 'delta' } })), []);
});
