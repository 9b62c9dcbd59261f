/**
 * T17: endpoints and headers as people paste them, against a receiver that sees what really arrives.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';

const INSTANCE = '123456';
const TOKEN = `glc_${Buffer.from('{"o":"987654","n":"stack-otlp","k":"abcdefghijklmnopqrstuvwxyz","m":{"r":"eu"}}').toString('base64')}`;
const BASIC = Buffer.from(`${INSTANCE}:${TOKEN}`).toString('base64');
const WRAPPED = `${BASIC.slice(0, 76)}\n${BASIC.slice(76)}`;

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
after(() => receiver.close());

const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const headers = 'OTEL_EXPORTER_OTLP_HEADERS';
const plain = () => ({ [endpoint]: receiver.url, [headers]: `Authorization=Basic ${BASIC}` });
const host = () => receiver.url.replace('http://', '');

type Case = readonly [name: string, env: () => Record<string, string>, named?: RegExp];

const REPAIRED: readonly Case[] = [
  [
    'quotes kept by an env file',
    () => ({ [endpoint]: `"${receiver.url}"`, [headers]: `"Authorization=Basic ${BASIC}"` }),
  ],
  ['base64 wrapped at 76 columns', () => ({ ...plain(), [headers]: `Authorization=Basic ${WRAPPED}` })],
  ['Basic twice', () => ({ ...plain(), [headers]: `Authorization=Basic Basic ${BASIC}` })],
  ['a colon as in HTTP', () => ({ ...plain(), [headers]: `Authorization: Basic ${BASIC}` })],
  ['spaces around', () => ({ [endpoint]: `  ${receiver.url}  `, [headers]: ` Authorization = Basic ${BASIC} ` })],
  ['a signal path in the general endpoint', () => ({ ...plain(), [endpoint]: `${receiver.url}/v1/traces` })],
  ['no scheme', () => ({ ...plain(), [endpoint]: host() })],
  ['URL-encoded header', () => ({ ...plain(), [headers]: `Authorization=Basic%20${encodeURIComponent(BASIC)}` })],
  ['Basic missing', () => ({ ...plain(), [headers]: `Authorization=${BASIC}` })],
];

/** These cannot be repaired: the right value is not in what was given. */
const NAMED: readonly Case[] = [
  [
    'the port of gRPC',
    () => ({ ...plain(), [endpoint]: 'http://127.0.0.1:4317' }),
    /^DUOTEL_CONFIG_ENDPOINT .*4317.*4318/m,
  ],
  [
    'an organisation id for an instance id',
    () => ({
      GRAFANA_CLOUD_INSTANCE_ID: '987654',
      GRAFANA_CLOUD_OTLP_TOKEN: TOKEN,
      GRAFANA_CLOUD_OTLP_ENDPOINT: `${receiver.url}/otlp`,
    }),
    /^DUOTEL_CONFIG_CREDENTIAL .*instance/m,
  ],
  [
    'an empty token',
    () => ({ GRAFANA_CLOUD_INSTANCE_ID: INSTANCE, GRAFANA_CLOUD_OTLP_TOKEN: '', GRAFANA_CLOUD_ZONE: 'prod-eu-west-2' }),
    /^DUOTEL_CONFIG_CREDENTIAL .*GRAFANA_CLOUD_OTLP_TOKEN/m,
  ],
];

const run = (env: Record<string, string>) =>
  runApp({
    code: `import { trace } from '@opentelemetry/api'; trace.getTracer('t').startSpan('mistake').end();`,
    env: { ...env, OTEL_SERVICE_NAME: 't17', OTEL_METRICS_EXPORTER: 'none', DUOTEL_SHUTDOWN_TIMEOUT: '1500' },
  });

for (const [name, env] of REPAIRED) {
  test(`T17 ${name}: repaired, and the request arrives with the right path and header`, async () => {
    receiver.clear();
    const { stderr } = await run(env());
    assert.equal(stderr, '');
    const [request] = receiver.requests;
    assert.equal(request?.path, '/v1/traces');
    assert.equal(request.headers['authorization'], `Basic ${BASIC}`);
    assert.equal(receiver.spans[0]?.name, 'mistake');
  });
}

for (const [name, env, named] of NAMED) {
  test(`T17 ${name}: named in one line that holds no secret`, async () => {
    receiver.clear();
    const { stderr } = await run(env());
    assert.match(stderr, named as RegExp);
    assert.ok(!stderr.includes(TOKEN) && !stderr.includes(BASIC));
  });
}

test('T17 a gateway address without /otlp gets it from the Grafana Cloud variables', async () => {
  receiver.clear();
  await run({
    GRAFANA_CLOUD_INSTANCE_ID: INSTANCE,
    GRAFANA_CLOUD_OTLP_TOKEN: TOKEN,
    GRAFANA_CLOUD_OTLP_ENDPOINT: `${receiver.url}/otlp`,
  });
  assert.equal(receiver.requests[0]?.path, '/otlp/v1/traces');
  assert.equal(receiver.requests[0]?.headers['authorization'], `Basic ${BASIC}`);
});
