/**
 * The program of the exit worker.
 *
 * A text and not a function: bundlers and coverage tools rewrite functions into code that needs its surroundings.
 * Plain sockets and not `node:http`, whose loading costs a third of the time a healthy exit takes.
 * Layer: delivery. Run by `exit-worker.ts`, which documents the results.
 */
export const EXIT_WORKER_CODE: string = String.raw`'use strict';
const { workerData: { requests, results, budgetMillis } } = require('node:worker_threads');
const net = require('node:net');

let unfinished = requests.length;
function finish(index, result) {
  if (Atomics.compareExchange(results, index + 1, 0, result) !== 0) return;
  unfinished -= 1;
  if (unfinished > 0) return;
  Atomics.store(results, 0, 1);
  Atomics.notify(results, 0);
  process.exit();
}

function readPem(path) {
  return path === undefined ? undefined : require('node:fs').readFileSync(path);
}

function connect(url, request) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const where = { host: request.address ?? host, port: Number(url.port) || (isSecure ? 443 : 80), noDelay: true };
  if (!isSecure) return net.connect(where);
  const { caFile, certFile, keyFile } = request.tls;
  return require('node:tls').connect({
    ...where,
    servername: net.isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    ca: readPem(caFile), cert: readPem(certFile), key: readPem(keyFile),
  });
}

function head(url, { headers, body }) {
  const lines = Object.entries({ ...headers, host: url.host, connection: 'close', 'content-length': body.length });
  if (url.username !== '' && headers.authorization === undefined) {
    const credential = decodeURIComponent(url.username) + ':' + decodeURIComponent(url.password);
    lines.push(['authorization', 'Basic ' + Buffer.from(credential).toString('base64')]);
  }
  const text = lines.map(([name, value]) => name + ': ' + String(value).replace(/[\r\n]/g, ''));
  return ['POST ' + url.pathname + url.search + ' HTTP/1.1', ...text, '', ''].join('\r\n');
}

/** Interim answers (100 to 199), status, fields, body. */
const ANSWER = /^(?:HTTP\/1\.[01] 1\d\d[^]*?\r\n\r\n)*HTTP\/1\.[01] ([2-5]\d\d)([^]*?)\r\n\r\n([^]*)$/;
const MAX_ANSWER_BYTES = 65536;

/** Status of an answer that has arrived far enough to count; 0 before. */
function statusOf(answer, isOver) {
  const [, status, fields, body] = ANSWER.exec(answer) ?? [];
  if (status === undefined) return 0;
  const isWhole = Number(status) >= 300 || answer.length > MAX_ANSWER_BYTES || hasWholeBody(fields, body, isOver);
  return isWhole || status === '204' ? Number(status) : 0;
}

function hasWholeBody(fields, body, isOver) {
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(fields);
  if (length !== null) return body.length >= Number(length[1]);
  if (/\r\ntransfer-encoding:.*chunked/i.test(fields)) return /(?:^|\r\n)0\r\n(?:.+\r\n)*\r\n$/.test(body);
  return isOver;
}

function post(request, index) {
  const url = new URL(request.url);
  const socket = connect(url, request);
  let answer = '';
  const fail = () => finish(index, 1);
  const look = (isOver) => {
    const status = statusOf(answer, isOver);
    if (status === 0 && !isOver && answer.length <= MAX_ANSWER_BYTES) return;
    finish(index, status || 1);
    socket.destroy();
  };
  socket.on('error', fail).on('close', fail).setEncoding('latin1');
  socket.on('data', (text) => {
    answer += text;
    look(false);
  });
  socket.on('end', () => look(true));
  socket.write(head(url, request), 'latin1');
  socket.write(request.body);
  setTimeout(() => socket.destroy(), request.timeoutMillis).unref();
}

setTimeout(() => process.exit(), budgetMillis).unref();
requests.forEach((request, index) => {
  try {
    post(request, index);
  } catch {
    finish(index, 1);
  }
});
`;
