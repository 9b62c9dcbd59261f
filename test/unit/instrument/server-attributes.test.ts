import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { resolveMethod } from '../../../src/instrument/http-method.ts';
import { requestScheme, serverAttributes } from '../../../src/instrument/server-attributes.ts';
import { pick } from './observe.ts';

/** Only what is read of a request; sockets in every state cannot be had on demand. */
function attributesOf(headers: IncomingHttpHeaders, socket: object = { remoteAddress: '10.0.0.9', remotePort: 5 }) {
  const request = { headers, socket, url: '/', method: 'GET', httpVersion: '1.1' } as unknown as IncomingMessage;
  return serverAttributes(request, resolveMethod('GET'), requestScheme(request));
}

test('the server is the one the client asked for: Forwarded, then X-Forwarded-Host, then Host', () => {
  const cases: [IncomingHttpHeaders, string, number | undefined][] = [
    [{ host: 'inner:8080' }, 'inner', 8080],
    [{ host: 'inner', 'x-forwarded-host': 'outer' }, 'outer', undefined],
    [{ host: 'inner', 'x-forwarded-host': 'outer, proxy', 'x-forwarded-proto': 'https, http' }, 'outer', 443],
    [{ 'x-forwarded-host': 'x', forwarded: 'for=1.2.3.4;host=far.example;proto=https, host=near' }, 'far.example', 443],
    [{ forwarded: 'For="[2001:db8::1]:4711"; Host="far.example:8443"' }, 'far.example', 8443],
    [{ host: 'inner', forwarded: 'for=1.2.3.4' }, 'inner', 80],
    [{ host: 'inner', 'x-forwarded-host': '' }, 'inner', 80],
  ];
  for (const [headers, address, port] of cases) {
    const expected = { 'server.address': address, 'server.port': port };
    assert.deepEqual(pick(attributesOf(headers), expected), expected, JSON.stringify(headers));
  }
});

test('the client is the one the outermost proxy names, else the peer', () => {
  const cases: [IncomingHttpHeaders, string][] = [
    [{}, '10.0.0.9'],
    [{ 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }, '1.1.1.1'],
    [{ 'x-forwarded-for': '1.1.1.1:99' }, '1.1.1.1'],
    [{ 'x-forwarded-for': '2.2.2.2', forwarded: 'for=3.3.3.3, for=4.4.4.4' }, '3.3.3.3'],
    [{ forwarded: 'for="[2001:db8::1]:4711"' }, '2001:db8::1'],
    [{ forwarded: 'garbage;;;=' }, '10.0.0.9'],
  ];
  for (const [headers, client] of cases)
    assert.equal(attributesOf(headers)['client.address'], client, JSON.stringify(headers));
});

test('what is not known is left out: no host, no peer of a connection that is gone', () => {
  const attributes = attributesOf({}, {});
  assert.deepEqual(attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/',
    'network.protocol.version': '1.1',
  });
});
