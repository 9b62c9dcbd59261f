import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { exchangeRaw, observe, serve } from './observe.ts';

const observed = observe({ bodySizes: true });

const NAMES = ['http.server.request.body.size', 'http.server.response.body.size'] as const;

/** Sums of both metrics for a method. */
async function sums(method: string): Promise<(number | undefined)[]> {
  const points = await Promise.all(NAMES.map((name) => observed.points(name)));
  return points.map((all) => {
    const point = all.find(({ attributes }) => attributes['http.request.method'] === method);
    return (point?.value as { sum: number } | undefined)?.sum;
  });
}

test('bodies are measured as they cross the connection, read or not, declared or in chunks', async () => {
  using served = await serve((request, response) => {
    if (request.method === 'POST') {
      request.setEncoding('utf8').on('data', () => undefined);
      request.on('end', () => {
        response.write('ü');
        response.write(Buffer.from('ab'));
        response.end('c', 'latin1');
      });
    } else response.end(request.method === 'PUT' ? undefined : 'seven..');
  });
  const chunked = httpRequest(served.url, { method: 'POST' });
  chunked.write('ä');
  chunked.end('bc');
  await new Promise<void>((resolve) => chunked.on('response', (response) => void response.resume().on('end', resolve)));
  await exchangeRaw(served.port, 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\nunread');
  for (const method of ['GET', 'HEAD'])
    await exchangeRaw(served.port, `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await observed.ended(SpanKind.SERVER, 4);
  assert.deepEqual(
    [await sums('POST'), await sums('PUT'), await sums('GET'), await sums('HEAD')],
    [
      [4, 5],
      [6, 0],
      [0, 7],
      [0, 0],
    ],
  );
});
