import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { printable, redacted } from '../../../src/config/printable.ts';

suite('printable values', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['https://user:hush@otlp.example/x', 'https://[secret]@otlp.example/x'],
    ['Authorization=Basic MTIz', 'Authorization=Basic [secret]'],
    ['Authorization=Basic%20MTIz', 'Authorization=[secret]'],
    ['authorization: bearer abc.def', 'authorization: bearer [secret]'],
    ['x glc_eyJvIjoiMSJ9 y', 'x [secret] y'],
    ['https://otlp.example/?api_key=hush&b=1', 'https://otlp.example/?api_key=[secret]&b=1'],
    ['0123456789abcdef0123456789abcdef', '[secret]'],
    ['two\nlines', 'two lines'],
    ['https://otlp-gateway-prod-eu-west-2.grafana.net/otlp', 'https://otlp-gateway-prod-eu-west-2.grafana.net/otlp'],
    ['/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'],
  ];
  for (const [text, expected] of cases) {
    test(`${JSON.stringify(text)} is shown as ${JSON.stringify(expected)}`, () =>
      assert.equal(printable(text), expected));
  }

  test('a long value is cut in a sentence and whole in the account', () => {
    const long = 'ab '.repeat(100);
    assert.equal(printable(long).length, 121);
    assert.equal(redacted(long), long);
  });
});
