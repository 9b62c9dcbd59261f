// Serves itself requests of every kind, one after the other; the path of each says which kind it is.
const http = require('node:http');
const net = require('node:net');
const { context } = require('@opentelemetry/api');
const { getRPCMetadata } = require('@opentelemetry/core');

const agent = new http.Agent({ keepAlive: true });

const answers = {
  '/echo': (request, response) => void request.pipe(response),
  '/missing': (_, response) => void response.writeHead(404).end(),
  '/broken': (_, response) => void response.writeHead(503).end('sorry'),
  '/streamed': (_, response) => {
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('a');
    setTimeout(() => (response.addTrailers({ 'x-sum': '1' }), response.end('b')), 5);
  },
  '/hinted': (_, response) => (
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }),
    void response.end('hinted')
  ),
  '/users/7': (_, response) => {
    getRPCMetadata(context.active()).route = '/users/:id';
    response.end('user');
  },
  '/given-up': (_, response) => void response.destroy(),
  '/half': (_, response) => {
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  },
  '/left': () => undefined,
  '/late': () => undefined,
};

const server = http.createServer((request, response) => {
  const answer = answers[request.url.split('?')[0]];
  if (answer === undefined) response.end('fine');
  else answer(request, response);
});
server.on('upgrade', (_, socket) => {
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mine\r\n\r\n');
});

/** Makes a request, reads what comes, and settles when it is over in whatever way. */
function request(url, options = {}, body) {
  return new Promise((resolve) => {
    const made = http.request(url, options, (response) => response.on('error', () => undefined).resume());
    made.on('error', () => undefined);
    made.on('upgrade', (_, socket) => socket.on('error', () => undefined).destroy());
    made.on('close', resolve);
    made.end(body);
  });
}

/** Sends bytes and settles when the connection is closed. */
function raw(port, text) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('error', () => undefined).on('close', resolve);
    socket.resume();
  });
}

const fetched = (url, options) =>
  fetch(url, options)
    .then((response) => response.text())
    .catch(() => undefined);

async function traffic(port) {
  const base = `http://127.0.0.1:${port}`;
  await request(`${base}/plain?page=2`, { headers: { 'User-Agent': 'traffic/1' } });
  await request(`${base}/echo`, { method: 'POST' }, 'body');
  await request(`${base}/plain-head`, { method: 'HEAD' });
  for (const path of ['/missing', '/broken', '/streamed', '/hinted', '/users/7', '/given-up', '/half'])
    await request(base + path);
  for (const path of ['/kept/1', '/kept/2']) await request(base + path, { agent });
  await request(`${base}/secret?token=abc&page=2&sig=def`);
  await request(`http://user:word@127.0.0.1:${port}/with-credentials`);
  await request(`${base}/upgraded`, { headers: { Connection: 'Upgrade', Upgrade: 'mine' } });
  await request(`${base}/left`, { signal: AbortSignal.timeout(250) });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 250);
  await request(`${base}/late`, { signal: controller.signal });
  await request('http://127.0.0.1:1/refused');
  await request('http://no-such-host.invalid/unknown-host');
  await raw(port, 'PROPFIND /odd-method HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  await raw(
    port,
    'GET /proxied HTTP/1.1\r\nHost: a.test:81\r\nX-Forwarded-For: 10.1.2.3, 10.0.0.1\r\nX-Forwarded-Host: outer.test\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n',
  );
  await raw(
    port,
    'GET /forwarded HTTP/1.1\r\nHost: a.test\r\nForwarded: for=10.1.2.3;host=outer.test;proto=https\r\nConnection: close\r\n\r\n',
  );
  await raw(port, 'GET http://a.test/absolute?page=2 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  await raw(port, 'GET /old HTTP/1.0\r\n\r\n');
  await fetched(`${base}/fetch/plain?page=2`, { headers: { 'User-Agent': 'traffic/1' } });
  await fetched(`${base}/echo`, { method: 'PUT', body: 'body' });
  await fetched(`${base}/missing`);
  await fetched(`${base}/broken`);
  await fetched(`${base}/given-up`, { method: 'PATCH' });
  await fetched(`${base}/secret?token=abc&page=2&sig=def`);
  await fetched(`${base}/left`, { method: 'DELETE', signal: AbortSignal.timeout(250) });
  const second = new AbortController();
  setTimeout(() => second.abort(), 250);
  await fetched(`${base}/late`, { method: 'DELETE', signal: second.signal });
  await fetched('http://127.0.0.1:1/fetch/refused');
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  await traffic(port);
  agent.destroy();
  server.close(() => console.log(port));
  server.closeAllConnections();
});
