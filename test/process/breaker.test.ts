/**
 * A destination that failed several times, or for a reason that lasts, is tried with little until it accepts something:
 * what is tried is cheap for both, and little is lost if it is refused.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Fault, type Receiver, startReceiver } from '../../src/testing.ts';
import { startProgram } from '../support/delivery-program.ts';
import { decodeSpans } from '../../src/receiver/otlp-items.ts';
import { assertItemsBalance, type Delivery, totalOf } from '../support/ledger.ts';

const PROBE_ITEMS = 16;

/** Spans in each request, whether they were accepted or not. */
function sizes({ requests }: Receiver): number[] {
  return requests.map(({ body }) => {
    const decoded = decodeSpans(body, 'protobuf');
    return decoded.ok ? decoded.value.length : assert.fail(decoded.reason);
  });
}

/** Makes spans during a fault of a receiver until all that can be has arrived. */
async function through(fault: Fault): Promise<{ receiver: Receiver; ended: Delivery }> {
  const receiver = await startReceiver();
  receiver.fault(fault);
  const program = startProgram(
    `spans(500); while (traces().state !== 'failing') await sleep(5);
     spans(500); await sent(); say(traces()); await telemetry.shutdown();`,
    { url: receiver.url, env: { OTEL_METRICS_EXPORTER: 'none' } },
  );
  const { said } = await program.end();
  await receiver.close();
  return { receiver, ended: said[0] as Delivery };
}

suite('the breaker', { concurrency: 2 }, () => {
  test('after three failures in a row small requests are tried until one is accepted, and nothing is lost', async () => {
    const { receiver, ended } = await through({ status: 503, times: 3 });
    const [first = 0, second = 0, third = 0, probe = 0, ...rest] = sizes(receiver);
    assert.ok(Math.min(first, second, third) > PROBE_ITEMS, 'the first tries are of the usual size');
    assert.ok(probe > 0 && probe <= PROBE_ITEMS, `${probe} spans were tried`);
    assert.ok(rest.length <= 3, `then ${rest.join(', ')}: the usual size again`);
    assert.deepEqual([ended.sentItems, totalOf(ended.droppedItems), receiver.spans.length], [1000, 0, 1000]);
  });

  test('after a reason that lasts the next try is a small one, so that little is lost if it is refused too', async () => {
    const { receiver, ended } = await through({ status: 401, times: 2 });
    const [first = 0, probe = 0, second = 0] = sizes(receiver);
    assert.ok(first > PROBE_ITEMS);
    assert.ok(probe <= PROBE_ITEMS && second <= PROBE_ITEMS, `${probe} and ${second} spans were tried`);
    assertItemsBalance(ended);
    const lost = totalOf(ended.droppedItems);
    assert.ok(lost <= first + PROBE_ITEMS, `${lost} lost`);
    assert.equal(receiver.spans.length, 1000 - lost);
  });
});
