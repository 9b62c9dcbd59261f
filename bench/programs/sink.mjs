/**
 * A receiver that discards: one listener per set-up, everything answered with success at once.
 *
 * Spans are counted by skipping over the lengths in the protobuf, never decoded, so that the sink stays far cheaper
 * than what it measures. Talks to its parent over the IPC channel: `{open: name, port}` → `{port}`, `{close: name}`,
 * which refuses connections from then on, and `{stats: true}` → counts.
 */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const counts = {};
const servers = {};
const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPANS = 2;

process.on('message', (message) => {
  if (message.open !== undefined) open(message.open, message.port ?? 0);
  if (message.close !== undefined) close(message.close);
  if (message.stats) process.send({ stats: counts });
});
process.on('disconnect', () => process.exit(0));

function open(name, port) {
  const count = (counts[name] ??= { requests: 0, bytes: 0, spans: 0 });
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      count.requests++;
      count.bytes += body.length;
      count.spans += spansIn(request, body);
      answer(request, response);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(port, '127.0.0.1', () => process.send({ opened: name, port: server.address().port }));
  servers[name] = server;
}

function close(name) {
  servers[name].close(() => process.send({ closed: name }));
  servers[name].closeAllConnections();
}

/** OTLP wants an empty message of its content type, the Datadog agent JSON with its sampling rates. */
function answer(request, response) {
  if (request.url.includes('/v0.')) {
    response.setHeader('content-type', 'application/json');
    response.end('{"rate_by_service":{}}');
    return;
  }
  const isJson = (request.headers['content-type'] ?? '').includes('json');
  response.setHeader('content-type', isJson ? 'application/json' : 'application/x-protobuf');
  response.end(isJson ? '{}' : '');
}

/** A Datadog request says how many traces it carries; one trace per measured request, so they stand for spans here. */
function spansIn(request, body) {
  if (request.headers['x-datadog-trace-count'] !== undefined) return Number(request.headers['x-datadog-trace-count']);
  if (!request.url.endsWith('/v1/traces')) return 0;
  const encoding = request.headers['content-encoding'];
  const plain = encoding === 'gzip' ? gunzipSync(body) : body;
  if ((request.headers['content-type'] ?? '').includes('json'))
    return plain.toString('latin1').split('"spanId"').length - 1;
  let spans = 0;
  eachField(plain, RESOURCE_SPANS, (resourceSpans) =>
    eachField(resourceSpans, SCOPE_SPANS, (scopeSpans) => eachField(scopeSpans, SPANS, () => spans++)),
  );
  return spans;
}

/** Calls `visit` with the bytes of each length-delimited field of this number. */
function eachField(bytes, wanted, visit) {
  let at = 0;
  const varint = () => {
    let value = 0;
    let scale = 1;
    let byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 2) {
      const length = varint();
      if (tag >> 3 === wanted) visit(bytes.subarray(at, at + length));
      at += length;
    } else if (wireType === 0) varint();
    else at += wireType === 1 ? 8 : 4;
  }
}
