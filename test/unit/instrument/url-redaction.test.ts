import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/fast-check.ts';
import { redactQuery, redactTarget } from '../../../src/instrument/url-redaction.ts';

test('values of secret parameters are replaced, names and everything else stay as sent', () => {
  const cases: [string, string][] = [
    ['a=1&b=2', 'a=1&b=2'],
    ['', ''],
    ['sig=x', 'sig=REDACTED'],
    ['?a=1&Signature=abc%3D&b', '?a=1&Signature=REDACTED&b'],
    ['AWSAccessKeyId=x&X-Goog-Signature=y', 'AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED'],
    ['token=a=b=c', 'token=REDACTED'],
    ['api%5Fkey=1&%74oken=2', 'api%5Fkey=REDACTED&%74oken=REDACTED'],
    ['token=', 'token='],
    ['token', 'token'],
    ['monkey=1&design=2&author=3', 'monkey=1&design=2&author=3'],
    ['%zz=1&key=2', '%zz=1&key=REDACTED'],
    ['q=a+b%20c&code=9', 'q=a+b%20c&code=REDACTED'],
  ];
  for (const [query, expected] of cases) assert.equal(redactQuery(query), expected);
});

test('every parameter named by the conventions or by common use is a secret in any case', () => {
  const names =
    'sig signature awsaccesskeyid x-goog-signature x-amz-signature x-amz-credential x-amz-security-token token code api_key key password secret access_token';
  for (const name of names.split(' '))
    for (const spelled of [name, name.toUpperCase()]) assert.equal(redactQuery(`${spelled}=s`), `${spelled}=REDACTED`);
});

test('no position and no neighbour lets a secret through', () => {
  const pair = fc
    .tuple(fc.string(), fc.string())
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  fc.assert(
    fc.property(fc.array(pair), fc.array(pair), (before, after) => {
      const clean = redactQuery([...before, 'access_token=S3CRET!', ...after].join('&'));
      assert.doesNotMatch(clean, /S3CRET!/);
      assert.equal(clean.split('&').length, before.length + 1 + after.length);
    }),
    { numRuns: 200 },
  );
});

test('a target keeps its path', () => {
  assert.equal(redactTarget('/key=1/sig?sig=2'), '/key=1/sig?sig=REDACTED');
  assert.equal(redactTarget('/plain'), '/plain');
});
