/**
 * The program of the exit worker.
 *
 * A text and not a function: bundlers and coverage tools rewrite functions into code that needs its surroundings.
 * Plain sockets and not `node:http`, whose loading costs a third of the time a healthy exit takes.
 * Layer: delivery. Run by `exit-worker.ts`, which documents the results; requests are made by `exit-wire.ts`.
 */
export const EXIT_WORKER_CODE: string = String.raw`'use strict';
const { workerData: { requests, results, words, wordsBytes, budgetMillis } } = require('node:worker_threads');
const net = require('node:net');
const slots = Buffer.from(words);

let unfinished = requests.length;
/** The first result of a request stands; its words are written before it. */
function finish(index, result, text, encoding) {
  const at = 1 + 2 * index;
  if (Atomics.load(results, at) !== 0) return;
  results[at + 1] = slots.write(text, index * wordsBytes, wordsBytes, encoding);
  Atomics.store(results, at, result);
  unfinished -= 1;
  if (unfinished > 0) return;
  Atomics.store(results, 0, 1);
  Atomics.notify(results, 0);
  process.exit();
}

/** No answer. */
function fail(index, { code, message }) {
  finish(index, 1, (code || 'FAILED') + '\n' + (message || code), 'utf8');
}

function proxyError({ code, message }) {
  return { code: 'PROXY_' + (code || 'FAILED'), message: 'proxy: ' + (message || code) };
}

/** A TLS connection to an address, or over a socket. */
function secure(where, { host, caFile, certFile, keyFile }) {
  const readPem = (path) => path === undefined ? undefined : require('node:fs').readFileSync(path);
  return require('node:tls').connect({
    ...where,
    servername: net.isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    ca: readPem(caFile), cert: readPem(certFile), key: readPem(keyFile),
  });
}

/** Interim answers (100 to 199), status, fields, body. */
const ANSWER = /^(?:HTTP\/1\.[01] 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.[01] ([2-5]\d\d)[^\r]*([^]*?)\r\n\r\n([^]*)$/;
const MAX_ANSWER_BYTES = 65536;
/** How long the words of a refusal are waited for. */
const WORDS_MILLIS = 50;

function hasWholeBody(status, fields, body, isOver) {
  if (status === '204' || status === '304') return true;
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(fields);
  if (length !== null) return body.length >= Number(length[1]);
  if (/\r\ntransfer-encoding:.*chunked/i.test(fields)) return /(?:^|\r\n)0\r\n(?:.+\r\n)*\r\n$/.test(body);
  return isOver;
}

/** Writes the request and reads the answer. */
function exchange(socket, { head, body }, index) {
  let answer = '';
  let isWaiting = false;
  const look = (isOver, cause) => {
    const [, status, fields, text] = ANSWER.exec(answer) ?? [];
    const isEnough = status !== undefined && (answer.length > MAX_ANSWER_BYTES || hasWholeBody(status, fields, text, isOver));
    const isRefusal = status >= '300';
    if (isEnough || (isOver && isRefusal)) {
      finish(index, Number(status), fields + '\r\n\r\n' + text, 'latin1');
      socket.destroy();
    } else if (isOver || answer.length > MAX_ANSWER_BYTES) {
      fail(index, cause ?? { message: answer === '' ? 'connection closed without an answer' : 'answer cut off' });
      socket.destroy();
    } else if (isRefusal && !isWaiting) {
      isWaiting = true;
      setTimeout(look, WORDS_MILLIS, true);
    }
  };
  socket.on('error', (cause) => look(true, cause)).on('close', () => look(true)).setEncoding('latin1');
  socket.on('data', (text) => {
    answer += text;
    look(false);
  });
  socket.on('end', () => look(true));
  socket.write(head, 'latin1');
  socket.write(body);
}

/** Asks the proxy for a tunnel. */
function openTunnel(socket, head, index, use) {
  let answer = '';
  const read = (text) => {
    answer += text.toString('latin1');
    const [, status] = /^(?:HTTP\/1\.[01] 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.[01] ([2-5]\d\d)[^]*?\r\n\r\n/.exec(answer) ?? [];
    if (status === undefined && answer.length <= MAX_ANSWER_BYTES) return;
    socket.off('data', read);
    if (status >= '200' && status < '300') return use();
    fail(index, { code: 'PROXY_' + (status ?? 'FAILED'), message: 'the proxy answered ' + (status ?? 'nonsense') });
    socket.destroy();
  };
  socket.on('data', read);
  socket.write(head, 'latin1');
}

/** Connects to the proxy, and begins once that leads to the destination: until then a failure is one of the proxy. */
function throughProxy({ host, port, tunnel, tls }, index, begin) {
  const socket = net.connect({ host, port, noDelay: true });
  let isThere = false;
  const failed = (cause) => isThere || fail(index, proxyError(cause));
  socket.on('error', failed).on('close', () => failed({ message: 'connection closed without an answer' }));
  socket.once('connect', () => {
    if (tunnel !== undefined) return openTunnel(socket, tunnel, index, () => {
      isThere = true;
      begin(secure({ socket, host: tls.host }, tls));
    });
    isThere = true;
    begin(socket);
  });
}

function connect({ host, port, tls }) {
  const where = { host, port, noDelay: true };
  return tls === undefined ? net.connect(where) : secure(where, tls);
}

function post(request, index) {
  const { isProxied, timeoutMillis } = request;
  const begin = (socket) => exchange(socket, request, index);
  if (isProxied) throughProxy(request, index, begin);
  else begin(connect(request));
  setTimeout(fail, timeoutMillis, index, { code: 'DEADLINE', message: 'no answer in ' + timeoutMillis + ' ms' }).unref();
}

setTimeout(() => process.exit(), budgetMillis).unref();
requests.forEach((request, index) => {
  try {
    post(request, index);
  } catch (cause) {
    fail(index, cause);
  }
});
`;
