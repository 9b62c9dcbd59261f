import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretsOf } from '../../../src/delivery/secrets.ts';
import { cleanReason } from '../../../src/delivery/verdict.ts';

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

test('nothing a server repeats of a credential can be printed', () => {
  const destination = {
    url: 'https://us%40er:p%26ssword@host/v1/traces?api_key=url-key-1',
    headers: { authorization: basic('123456:glc_token'), 'x-token': 'plain-token' },
  };
  const secrets = secretsOf(destination);
  const repeated = `${basic('123456:glc_token')} glc_token plain-token p%26ssword p&ssword url-key-1 ${Buffer.from('123456:glc_token').toString('base64')}`;
  assert.equal(cleanReason(repeated, secrets), Array(7).fill('[secret]').join(' '));
});

test('words of the protocol and very short values are not taken for secrets', () => {
  const secrets = secretsOf({ url: 'not a url', headers: { authorization: 'Bearer some-long-token', 'x-scope': 'a' } });
  assert.equal(
    cleanReason('Bearer token missing: a Basic one is needed', secrets),
    'Bearer token missing: a Basic one is needed',
  );
});
