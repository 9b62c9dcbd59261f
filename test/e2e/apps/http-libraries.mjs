// Asks one server through each client library, and each server library by hand. Prints what came of it, as JSON: the
// same with and without telemetry. A request's path names the library: `/client/axios`, `/server/express`.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

const require = createRequire(import.meta.url);

const target = createServer(async (request, response) => {
  const body = await text(request);
  response.setHeader('x-library', request.url);
  response.end(JSON.stringify({ method: request.method, url: request.url, body }));
});
target.listen(0, '127.0.0.1');
await once(target, 'listening');
const base = `http://127.0.0.1:${target.address().port}`;

/** Each gets the address, and gives status and body. */
const CLIENTS = {
  async 'http.request'(url) {
    const [response] = await once(httpRequest(url, { method: 'POST' }).end('sent'), 'response');
    return [response.statusCode, await text(response)];
  },
  async fetch(url) {
    const response = await fetch(url, { method: 'POST', body: 'sent' });
    return [response.status, await response.text()];
  },
  async axios(url) {
    const { default: axios } = await import('axios');
    const { status, data } = await axios.post(url, 'sent', { responseType: 'text', transformResponse: (each) => each });
    return [status, data];
  },
  async got(url) {
    const { got } = await import('got');
    const { statusCode, body } = await got.post(url, { body: 'sent' });
    return [statusCode, body];
  },
  async 'got.stream'(url) {
    const { got } = await import('got');
    return [0, await text(got.stream(url))];
  },
  async 'node-fetch'(url) {
    const { default: fetch } = await import('node-fetch');
    const response = await fetch(url, { method: 'POST', body: 'sent' });
    return [response.status, await response.text()];
  },
  async 'cross-fetch'(url) {
    const response = await require('cross-fetch')(url);
    return [response.status, await response.text()];
  },
  async 'undici.fetch'(url) {
    const response = await require('undici').fetch(url);
    return [response.status, await response.text()];
  },
  async 'undici.request'(url) {
    const { statusCode, body } = await require('undici').request(url, { method: 'PUT', body: 'sent' });
    return [statusCode, await body.text()];
  },
  async 'undici.stream'(url) {
    const into = new PassThrough();
    const read = text(into);
    await require('undici').stream(url, { method: 'GET', opaque: into }, ({ opaque }) => opaque);
    return [0, await read];
  },
  async 'undici.pipeline'(url) {
    const duplex = require('undici').pipeline(url, { method: 'POST' }, ({ body }) => body);
    duplex.end('sent');
    return [0, await text(duplex)];
  },
  async superagent(url) {
    const response = await require('superagent').post(url).type('text/plain').send('sent').buffer(true);
    return [response.status, response.text];
  },
  async needle(url) {
    const { statusCode, body } = await require('needle')('post', url, 'sent', { parse: false });
    return [statusCode, String(body)];
  },
  async ky(url) {
    const { default: ky } = await import('ky');
    const response = await ky.post(url, { body: 'sent' });
    return [response.status, await response.text()];
  },
  async wretch(url) {
    const { default: wretch } = await import('wretch');
    return [0, await wretch(url).get().text()];
  },
  async ofetch(url) {
    const { ofetch } = await import('ofetch');
    const { status, _data } = await ofetch.raw(url, { responseType: 'text' });
    return [status, _data];
  },
  async phin(url) {
    const phin = require('phin');
    const { statusCode, body } = await (phin.phin ?? phin)({ url, method: 'POST', data: 'sent' });
    return [statusCode, String(body)];
  },
  async 'simple-get'(url) {
    return new Promise((resolve, reject) => {
      require('simple-get').concat(url, (error, response, data) =>
        error ? reject(error) : resolve([response.statusCode, String(data)]),
      );
    });
  },
  async 'follow-redirects'(url) {
    const [response] = await once(require('follow-redirects').http.get(url), 'response');
    return [response.statusCode, await text(response)];
  },
  async bent(url) {
    return [0, await require('bent')('string')(url)];
  },
  async 'postman-request'(url) {
    return new Promise((resolve, reject) => {
      require('postman-request')(url, (error, { statusCode }, body) =>
        error ? reject(error) : resolve([statusCode, body]),
      );
    });
  },
};

const ANSWER = { hello: 'world' };

/** Each listens on a free port of 127.0.0.1 and gives its server and what ends it. */
const SERVERS = {
  http: async () => listening(createServer((_, response) => response.end(JSON.stringify(ANSWER)))),
  async express() {
    const app = require('express')();
    app.get('/server/:name', (_, response) => response.json(ANSWER));
    return listening(createServer(app));
  },
  async fastify() {
    const app = require('fastify')();
    app.get('/server/:name', async () => ANSWER);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
  async koa() {
    const Koa = require('koa');
    const app = new Koa();
    app.use((context) => {
      context.body = ANSWER;
    });
    return listening(createServer(app.callback()));
  },
  async hapi() {
    const server = require('@hapi/hapi').server({ port: 0, host: '127.0.0.1' });
    server.route({ method: 'GET', path: '/server/{name}', handler: () => ANSWER });
    await server.start();
    return server.listener;
  },
  async polka() {
    const { handler } = require('polka')().get('/server/:name', (_, response) => response.end(JSON.stringify(ANSWER)));
    return listening(createServer(handler));
  },
  async micro() {
    const { serve } = require('micro');
    return listening(createServer(serve(async () => ANSWER)));
  },
  async connect() {
    const app = require('connect')();
    app.use('/server', (_, response) => response.end(JSON.stringify(ANSWER)));
    return listening(createServer(app));
  },
  async h3() {
    const { createApp, eventHandler, toNodeListener } = require('h3');
    const app = createApp();
    app.use(
      '/server',
      eventHandler(() => ANSWER),
    );
    return listening(createServer(toNodeListener(app)));
  },
  async hono() {
    const { Hono } = require('hono');
    const { serve } = require('@hono/node-server');
    const app = new Hono().get('/server/:name', (context) => context.json(ANSWER));
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    return server;
  },
  async 'http-proxy'() {
    const proxy = require('http-proxy').createProxyServer({ target: base });
    return listening(createServer((request, response) => proxy.web(request, response)));
  },
};

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** By hand: a client would have spans of its own. Bytes of the answer, without what differs each time. */
async function ask(port, path) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n`);
  return (await text(socket)).replaceAll(/^(date|response-time|request-id): .*\r\n/gim, '');
}

async function serveOnce(name, start) {
  const server = await start();
  const answer = await ask(server.address().port, `/server/${name}`);
  server.close();
  server.closeAllConnections?.();
  return answer;
}

/** An upgrade by the client library, echoed by the server library. */
async function webSocket() {
  const { WebSocket, WebSocketServer } = require('ws');
  const server = await listening(createServer());
  new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}/upgrade/ws`);
  await once(socket, 'open');
  socket.send('sent');
  const [data] = await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  server.close();
  return String(data);
}

async function socketIo() {
  const server = createServer();
  const io = new (require('socket.io').Server)(server, { path: '/upgrade/socket.io' });
  io.on('connection', (socket) => socket.on('ping', (data, answer) => answer(data)));
  await listening(server);
  const address = `http://127.0.0.1:${server.address().port}`;
  const socket = require('socket.io-client').io(address, { path: '/upgrade/socket.io', transports: ['websocket'] });
  await once(socket, 'connect');
  const answer = await socket.emitWithAck('ping', 'sent');
  socket.disconnect();
  await io.close();
  return answer;
}

const results = {};
for (const [name, client] of Object.entries(CLIENTS)) results[name] = await client(`${base}/client/${name}`);
for (const [name, start] of Object.entries(SERVERS)) results[`${name} server`] = await serveOnce(name, start);
results.ws = await webSocket();
results['socket.io'] = await socketIo();
target.close();
target.closeAllConnections();
await require('undici').getGlobalDispatcher().close();
console.log(JSON.stringify(results));
