import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { suite, test } from 'node:test';
import fc from '../support/fast-check.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { VARIABLES } from '../../src/config/variables/index.ts';

const NAMES = VARIABLES.map(({ name }) => name);

/** Pieces of which plausible and implausible values are made. */
const PIECES = [
  'http://',
  'https://',
  'c:4318',
  '/v1/traces',
  '/otlp',
  '@',
  ':',
  '=',
  ',',
  '%',
  '%20',
  '%3D',
  '"',
  "'",
  ' ',
  '\n',
  'Authorization',
  'Basic ',
  'MTIzOmdsY19h',
  'glc_',
  '123',
  '0',
  '-1',
  '1e9',
  'true',
  'none',
  'otlp',
  'grpc',
  '\u0000',
  'otlp-gateway-prod-eu-west-2.grafana.net',
  '${TOKEN}',
  '[::1]',
  '\\n',
  'é',
  '__proto__',
];
const value = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const variables = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 12 });

suite('configuration from any text', () => {
  test('is settled without a throw, and every destination is one Node.js can send to', () => {
    fc.assert(
      fc.property(variables, variables, (env, code) => {
        const { config, settings, issues } = resolveConfig({ env, options: { variables: code } });
        for (const signal of ['traces', 'metrics', 'logs'] as const) {
          const { otlp } = config[signal];
          if (otlp === undefined) continue;
          assert.match(new URL(otlp.url).protocol, /^https?:$/);
          assert.ok(otlp.timeoutMillis > 0);
          for (const [name, text] of Object.entries(otlp.headers)) {
            validateHeaderName(name);
            validateHeaderValue(name, text);
          }
        }
        assert.equal(settings.length, NAMES.length);
        for (const { message } of issues) assert.doesNotMatch(message, /[\r\n]/);
      }),
      { numRuns: 2000 },
    );
  });

  test('shows no credential, wherever it was put', () => {
    const token = 'glc_eyJvIjoiMSIsImsiOiJodXNoaHVzaGh1c2hodXNoIn0';
    const place = fc.constantFrom(
      token,
      `Authorization=Basic ${Buffer.from(`1:${token}`).toString('base64')}`,
      `https://user:${token}@otlp.example/x`,
      `Bearer ${token}`,
      `"${token}`,
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...NAMES), place, { maxKeys: 6 }), (env) => {
        const { settings, issues } = resolveConfig({ env });
        const shown = JSON.stringify([settings, issues]);
        assert.ok(!shown.includes(token.slice(4, 30)), shown);
        assert.ok(!shown.includes(Buffer.from(`1:${token}`).toString('base64').slice(0, 30)), shown);
      }),
    );
  });
});
