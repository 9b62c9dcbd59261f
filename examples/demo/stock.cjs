// The stock behind the shop. A CommonJS module; it knows the OpenTelemetry API only.
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { setTimeout: sleep } = require('node:timers/promises');
const { SpanStatusCode, trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('stock');
const left = { teapot: 40, kettle: 25, unicorn: 1 };

class SoldOutError extends Error {
  name = 'SoldOutError';
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request);
  response.writeHead(status).end(JSON.stringify(body));
});

async function answer(request) {
  try {
    if (request.method === 'GET') return { status: 200, body: { left: await count(request.url.split('/').pop()) } };
    await reserve((await json(request)).item);
    return { status: 201, body: {} };
  } catch (error) {
    return { status: 500, body: { error: error.message } };
  }
}

async function count(item) {
  await sleep(4);
  return left[item];
}

function reserve(item) {
  return tracer.startActiveSpan('reserve', { attributes: { item } }, async (span) => {
    try {
      await sleep(8);
      // The last one is always in somebody's basket.
      if (left[item] <= 1) throw new SoldOutError(`no ${item} to spare`);
      left[item] -= 1;
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
