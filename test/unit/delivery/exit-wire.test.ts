import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExitRequest } from '../../../src/delivery/exit-request.ts';
import { toWireRequest } from '../../../src/delivery/exit-wire.ts';

const requestTo = (url: string, changes: Partial<ExitRequest> = {}): ExitRequest => ({
  url,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from('body'),
  items: 1,
  tls: {},
  timeoutMillis: 1000,
  settle: () => undefined,
  ...changes,
});

test('a direct request names its path and host; the port is that of the scheme', () => {
  const { host, port, isProxied, tunnel, tls, head } = toWireRequest(requestTo('http://collector/v1/traces?a=1'));
  assert.deepEqual([host, port, isProxied, tunnel, tls], ['collector', 80, false, undefined, undefined]);
  assert.equal(
    head,
    'POST /v1/traces?a=1 HTTP/1.1\r\nhost: collector\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 4\r\n\r\n',
  );
  assert.equal(toWireRequest(requestTo('https://collector/')).port, 443);
});

test('an address that is known is connected to, the name is written and checked', () => {
  const { host, tls, head } = toWireRequest(
    requestTo('https://collector:4318/', { address: '10.0.0.1', tls: { caFile: 'ca' } }),
  );
  assert.deepEqual([host, tls], ['10.0.0.1', { host: 'collector', caFile: 'ca' }]);
  assert.match(head, /\r\nhost: collector:4318\r\n/);
});

test('an IPv6 address loses its brackets for the socket and keeps them on the wire', () => {
  const { host, head } = toWireRequest(requestTo('http://[::1]:4318/'));
  assert.equal(host, '::1');
  assert.match(head, /\r\nhost: \[::1\]:4318\r\n/);
  const proxied = toWireRequest(requestTo('https://[::1]/', { proxy: 'http://proxy:3128' }));
  assert.match(proxied.tunnel ?? '', /^CONNECT \[::1\]:443 HTTP/);
});

test('a credential in the URL becomes a header unless one is configured', () => {
  const url = 'http://some%40user:word@collector/';
  const credential = Buffer.from('some@user:word').toString('base64');
  assert.match(toWireRequest(requestTo(url)).head, new RegExp(`\r\nauthorization: Basic ${credential}\r\n`));
  const { head } = toWireRequest(requestTo(url, { headers: { authorization: 'Bearer mine' } }));
  assert.match(head, /\r\nauthorization: Bearer mine\r\n/);
  assert.ok(!head.includes(credential));
});

test('behind a proxy, http has the whole address in the request line, https a tunnel', () => {
  const proxy = 'http://user:word@proxy:3128';
  const http = toWireRequest(requestTo('http://u:v@collector/v1/logs', { proxy }));
  assert.deepEqual([http.host, http.port, http.isProxied, http.tunnel], ['proxy', 3128, true, undefined]);
  assert.match(http.head, /^POST http:\/\/collector\/v1\/logs HTTP\/1\.1\r\n/);
  assert.match(http.head, /\r\nproxy-authorization: Basic dXNlcjp3b3Jk\r\n/);
  const https = toWireRequest(requestTo('https://collector/v1/logs', { proxy }));
  assert.equal(
    https.tunnel,
    'CONNECT collector:443 HTTP/1.1\r\nhost: collector:443\r\nproxy-authorization: Basic dXNlcjp3b3Jk\r\n\r\n',
  );
  assert.match(https.head, /^POST \/v1\/logs HTTP/);
  assert.doesNotMatch(https.head, /proxy-authorization/);
});

test('line ends in values cannot make headers', () => {
  const { head } = toWireRequest(requestTo('http://collector/', { headers: { x: 'a\r\ny: b' } }));
  assert.match(head, /\r\nx: ay: b\r\n/);
});
