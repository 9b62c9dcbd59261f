import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { httpRequest, rawRequest } from '../../support/http-request.ts';
import { captureNotices, openScrape } from '../../support/scrape-endpoint.ts';

test('hundreds of malformed requests leave the endpoint alive', async (t) => {
  captureNotices(t);
  const target = await openScrape(t);
  const random = createRandom(7);
  const lines = [
    'GET /metrics HTTP/1.1',
    'GET /metrics',
    'GET  HTTP/1.1',
    'POST /metrics HTTP/1.1',
    'CONNECT a:1 HTTP/1.1',
    'PRI * HTTP/2.0',
    'HEAD /metrics HTTP/1.0',
    `GET /${'x'.repeat(9_000)} HTTP/1.1`,
    'GET http://[::1/metrics HTTP/1.1',
    'GET %00%ff HTTP/1.1',
    '',
  ];
  const headers = [
    'Host: x',
    'Content-Length: 999999999',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Connection: upgrade',
    'Upgrade: websocket',
    'Expect: 100-continue',
    'Expect: cake',
    `X: ${'y'.repeat(9_000)}`,
    'Accept-Encoding: gzip',
    'Accept-Encoding: ,;q=;;',
    '\u0000: x',
    ': no name',
  ];
  const make = (): Buffer => {
    const picked = Array.from({ length: random(4) }, () => headers[random(headers.length)]);
    const text = [lines[random(lines.length)], ...picked, '', ''].join(random(8) === 0 ? '\n' : '\r\n');
    const bytes = Buffer.from(text, 'latin1');
    for (let flips = random(4); flips > 0; flips -= 1) bytes[random(bytes.length)] = random(256);
    return bytes;
  };
  let answered = 0;
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => rawRequest(target, make(), 300)));
    answered += answers.filter((answer) => answer.startsWith('HTTP/1.1 ')).length;
  }
  ok(answered > 250, `${answered} of 500 were answered`);
  equal((await httpRequest(target)).status, 200);
});

/** Whole numbers below `limit`, the same in every run. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
