import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAccess } from '../../../src/outputs/scrape-access.ts';
import { httpRequest } from '../../support/http-request.ts';
import { captureNotices, openScrape, SCRAPE_CONFIG } from '../../support/scrape-endpoint.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

function tokenFile(t: TestContext, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-token-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'token');
  writeFileSync(path, content);
  return path;
}

test('a token, the token of a file and user:password each admit, nothing else does', (t) => {
  const access = createAccess({ token: 't0ken', tokenFile: tokenFile(t, 'filed\n'), basic: 'prom:pa:ß' });
  for (const right of [
    'Bearer t0ken',
    'bearer  t0ken',
    'BEARER filed',
    basic('prom:pa:ß'),
    basic('prom:pa:ß').replace('B', 'b'),
  ])
    equal(access.admits(right), true, right);
  const wrong = [
    '',
    't0ken',
    'Bearer',
    'Bearer ',
    'Bearer t0ke',
    'Bearer t0kenn',
    'Bearer T0KEN',
    'Basic t0ken',
    'Bearer prom:pa:ß',
  ];
  for (const given of [
    undefined,
    ...wrong,
    basic('prom:'),
    basic('prom'),
    basic(':'),
    basic('t0ken'),
    'Basic !',
    'Bearer \0',
  ])
    equal(access.admits(given), false, given);
  equal(access.challenge, 'Bearer realm="metrics", Basic realm="metrics"');
});

test('credentials that cannot be used admit nobody', (t) => {
  const lines = captureNotices(t);
  for (const config of [{}, { tokenFile: '/nonexistent' }, { tokenFile: tokenFile(t, ' \n') }]) {
    const access = createAccess(config);
    for (const given of [undefined, 'Bearer ', 'Bearer undefined', 'Basic Og==', basic('')])
      equal(access.admits(given), false);
  }
  equal(lines.length, 2);
  match(lines.join(''), /^DUOTEL_CONFIG_CREDENTIAL .*no token can be read from \/nonexistent/);
});

test('a token file that changes counts a few seconds later, one that is gone closes the door', (t) => {
  const lines = captureNotices(t);
  const path = tokenFile(t, 'old');
  let now = 1_000;
  const access = createAccess({ tokenFile: path }, () => now);
  const who = (): boolean[] => ['Bearer old', 'Bearer new'].map((given) => access.admits(given));
  deepEqual(who(), [true, false]);
  writeFileSync(path, 'new');
  deepEqual(who(), [true, false]);
  now += 5_000;
  deepEqual(who(), [false, true]);
  rmSync(path);
  now += 5_000;
  deepEqual(who(), [false, false]);
  equal(lines.length, 1);
  writeFileSync(path, 'new');
  now += 5_000;
  deepEqual(who(), [false, true]);
});

test('a stranger gets 401, a challenge and no byte of metrics, by every method', async (t) => {
  const target = await openScrape(t, { config: { ...SCRAPE_CONFIG, access: { token: 't0ken' } } });
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
    const credentials: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: basic('t0ken:') },
    ];
    for (const headers of credentials) {
      const answer = await httpRequest(target, { method, headers });
      deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Bearer realm="metrics"']);
      equal(answer.body.toString(), method === 'HEAD' ? '' : 'A credential is needed.\n');
    }
  }
  const { status, body } = await httpRequest(target, { headers: { authorization: 'Bearer t0ken' } });
  equal(status, 200);
  match(body.toString(), /orders_total 3/);
});
