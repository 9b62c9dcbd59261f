import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

/**
 * The mistakes people make with the endpoint and credential of Grafana Cloud. Repaired: the request of every signal
 * goes to the right path with the right header. Named: one notice says what is wrong. The token is never shown.
 */
const TOKEN = 'glc_eyJvIjoiOTk5IiwibiI6InRlc3QiLCJrIjoiaHVzaGh1c2hodXNoaHVzaGh1c2giLCJtIjp7InIiOiJldSJ9fQ==';
const BASE64 = Buffer.from(`123456:${TOKEN}`).toString('base64');
const WRAPPED = BASE64.replaceAll(/.{76}/g, '$&\n');
const ENDPOINT = 'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp';
const HEADERS = `Authorization=Basic ${BASE64}`;

interface Mistake {
  readonly title: string;
  readonly endpoint?: string;
  readonly headers?: string;
}

const REPAIRED: readonly Mistake[] = [
  { title: 'quotes around the endpoint', endpoint: `"${ENDPOINT}"` },
  { title: 'quotes around the headers', headers: `"${HEADERS}"` },
  { title: 'quotes around the header value', headers: `Authorization="Basic ${BASE64}"` },
  { title: 'base64 wrapped at 76 characters', headers: `Authorization=Basic ${WRAPPED}` },
  {
    title: 'base64 wrapped, line ends turned into blanks',
    headers: `Authorization=Basic ${WRAPPED.replaceAll('\n', ' ')}`,
  },
  { title: 'Basic twice', headers: `Authorization=Basic Basic ${BASE64}` },
  { title: 'Basic missing', headers: `Authorization=${BASE64}` },
  { title: 'instance id and token in clear', headers: `Authorization=Basic 123456:${TOKEN}` },
  { title: 'colon instead of =', headers: `Authorization: Basic ${BASE64}` },
  { title: 'blank after the endpoint', endpoint: `${ENDPOINT} ` },
  { title: 'blank inside the endpoint', endpoint: ENDPOINT.replace(/\/otlp$/, ' /otlp') },
  { title: 'signal path in the endpoint', endpoint: `${ENDPOINT}/v1/traces` },
  { title: 'no scheme', endpoint: ENDPOINT.replace('https://', '') },
  { title: 'no /otlp', endpoint: ENDPOINT.replace(/\/otlp$/, '') },
  { title: 'gRPC port of the gateway', endpoint: ENDPOINT.replace('.net', '.net:4317') },
  { title: 'blank URL-encoded twice', headers: `Authorization=Basic%2520${BASE64}` },
  { title: 'headers URL-encoded as a whole', headers: encodeURIComponent(HEADERS) },
];

const NAMED: readonly (Mistake & { readonly says: RegExp })[] = [
  { title: 'gRPC port of a collector', endpoint: 'http://collector:4317', says: /4317.*gRPC.*4318/ },
  {
    title: 'organisation id instead of instance id',
    headers: `Authorization=Basic ${Buffer.from(`999:${TOKEN}`).toString('base64')}`,
    says: /number of the organisation/,
  },
  {
    title: 'name of the stack instead of instance id',
    headers: `Authorization=Basic ${Buffer.from(`acme:${TOKEN}`).toString('base64')}`,
    says: /not an instance id/,
  },
  {
    title: 'empty token',
    headers: `Authorization=Basic ${Buffer.from('123456:').toString('base64')}`,
    says: /token is empty/,
  },
  { title: 'nothing after Basic', headers: 'Authorization=Basic ', says: /empty/ },
  { title: 'token without instance id', headers: `Authorization=${TOKEN.replaceAll('=', '%3D')}`, says: /token alone/ },
];

function resolve({ endpoint = ENDPOINT, headers = HEADERS }: Mistake): Resolution {
  return resolveConfig({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } });
}

function assertNothingShown({ issues, settings }: Resolution): void {
  const shown = JSON.stringify([issues, settings]);
  for (const part of [TOKEN, BASE64, BASE64.slice(0, 40), TOKEN.slice(0, 20)]) assert.ok(!shown.includes(part), shown);
}

suite('T17 classic mistakes of endpoint and credential', () => {
  test('T17 the correct values need no word', () => {
    const encoded = resolve({ title: '', headers: `Authorization=Basic%20${encodeURIComponent(BASE64)}` });
    for (const resolution of [resolve({ title: '' }), encoded]) {
      assert.deepEqual(resolution.issues, []);
      assert.equal(resolution.config.traces.otlp?.headers['authorization'], `Basic ${BASE64}`);
    }
  });

  for (const mistake of REPAIRED) {
    test(`T17 repaired: ${mistake.title}`, () => {
      const resolution = resolve(mistake);
      for (const signal of ['traces', 'metrics', 'logs'] as const) {
        const otlp = resolution.config[signal].otlp;
        assert.equal(otlp?.url, `${ENDPOINT}/v1/${signal}`);
        assert.deepEqual(otlp.headers, { authorization: `Basic ${BASE64}` });
        for (const [name, value] of Object.entries(otlp.headers)) {
          validateHeaderName(name);
          validateHeaderValue(name, value);
        }
      }
      assert.ok(resolution.issues.length > 0);
      for (const { severity, code } of resolution.issues)
        assert.deepEqual([severity, code], ['info', 'DUOTEL_CONFIG_REPAIRED']);
      assertNothingShown(resolution);
    });
  }

  for (const mistake of NAMED) {
    test(`T17 named: ${mistake.title}`, () => {
      const resolution = resolve(mistake);
      const notices = resolution.issues.filter(({ severity }) => severity === 'notice');
      assert.equal(notices.length, 1, JSON.stringify(resolution.issues));
      assert.match(notices[0]?.message ?? '', mistake.says);
      assertNothingShown(resolution);
    });
  }
});
