// A shop that takes orders and asks the stock service twice for each. An ES module; it knows the OpenTelemetry API only.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { logs, metrics, SeverityNumber } from '@opentelemetry/api';

const { STOCK_URL } = process.env;
const meter = metrics.getMeter('shop');
const orders = meter.createCounter('demo.orders', { description: 'Orders by outcome' });
const duration = meter.createHistogram('demo.order.duration', { unit: 's', description: 'Time an order takes' });
const log = logs.getLogger('shop');

const server = createServer(async (request, response) => {
  const start = performance.now();
  const { item } = await json(request);
  const outcome = await placeOrder(item);
  orders.add(1, { outcome });
  duration.record((performance.now() - start) / 1000, { outcome });
  response.statusCode = outcome === 'placed' ? 201 : 502;
  response.end(JSON.stringify({ item, outcome }));
});

async function placeOrder(item) {
  try {
    const left = await stockOf(item);
    log.emit({
      severityNumber: SeverityNumber.INFO,
      severityText: 'INFO',
      body: `${left} × ${item} in stock, reserving one`,
    });
    await reserve(item);
    return 'placed';
  } catch (error) {
    await emptyBasket();
    log.emit({ severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', body: `order failed: ${error.message}` });
    return 'failed';
  }
}

/** Takes a moment, so that the clock, which counts milliseconds, tells cause from effect in the log. */
function emptyBasket() {
  return sleep(3);
}

/** Asks with fetch. */
async function stockOf(item) {
  const response = await fetch(`${STOCK_URL}/stock/${item}`);
  const { left } = await response.json();
  return left;
}

/** Asks with node:http. */
async function reserve(item) {
  const outgoing = request(`${STOCK_URL}/reservations`, { method: 'POST' }).end(JSON.stringify({ item }));
  const [response] = await once(outgoing, 'response');
  const answer = await json(response);
  if (response.statusCode !== 201) throw new Error(`stock says ${response.statusCode}, ${answer.error}`);
}

server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
