// A small shop that knows nothing about exporters. Prints its port as the first line.
import http from 'node:http';
import { logs, metrics, SeverityNumber, trace } from '@opentelemetry/api';
import * as Sentry from '@sentry/node';

const orders = metrics.getMeter('shop').createCounter('shop.orders', { description: 'Orders taken' });
const logger = logs.getLogger('shop');

function takeOrder(item) {
  if (item === 'unicorn') throw new Error('unicorns are sold out');
  orders.add(1, { item });
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: `sold: ${item}` });
}

const server = http.createServer((request, response) => {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  try {
    takeOrder(request.url.slice(1));
  } catch (error) {
    Sentry.captureException(error);
    response.statusCode = 500;
  }
  response.end(`${traceId}\n`);
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(server.address().port));
