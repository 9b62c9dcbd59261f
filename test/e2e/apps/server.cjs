// A plain service: an API counter, histogram and log record per request, and onward calls if UPSTREAM is set: one by
// fetch, and for /both a second one by node:http. Prints its port as the first line. Answers with the trace id it sees.
const http = require('node:http');
const { logs, metrics, SeverityNumber, trace } = require('@opentelemetry/api');

const upstream = process.env.UPSTREAM;
const meter = metrics.getMeter('shop', '1.0.0');
const orders = meter.createCounter('shop.orders', { description: 'Orders taken', unit: '{order}' });
const size = meter.createHistogram('shop.order.value', {
  description: 'Value of an order',
  unit: 'By',
  advice: { explicitBucketBoundaries: [10, 100, 1000] },
});
const logger = logs.getLogger('shop');

const server = http.createServer(async (request, response) => {
  if (request.url === '/fail') {
    response.writeHead(500).end('no\n');
    return;
  }
  orders.add(1, { kind: 'book' });
  size.record(42, { kind: 'book' });
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: 'order taken' });
  if (upstream) await (await fetch(upstream)).text();
  if (upstream && request.url === '/both') {
    await new Promise((resolve) => http.get(upstream, (answer) => answer.resume().on('end', resolve)));
  }
  response.end(trace.getActiveSpan()?.spanContext().traceId ?? 'none');
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
