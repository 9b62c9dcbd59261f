/** Deltas on request: T31, several destinations of different temporality, and what each end of a program delivers. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { before, beforeEach, after, test } from 'node:test';
import { type ReceivedMetric, type Receiver, startReceiver } from '../../src/testing.ts';
import { runProgram, startProgram } from '../support/delivery-program.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const INTERVAL = { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_METRIC_EXPORT_TIMEOUT: '100' };
const DELTA = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };

const WORK = `
  const meter = metrics.getMeter('app');
  const orders = meter.createCounter('orders'), took = meter.createHistogram('took');
  let seen = 0;
  meter.createObservableCounter('seen').addCallback((result) => result.observe(seen));
  const work = () => { seen += 2; orders.add(1, { kind: 'x' }); took.record(5); };`;

const entriesOf = (name: string, from = receiver): ReceivedMetric[] =>
  from.metrics.filter((metric) => metric.name === name);

/** Of a counter: the sum of all that was received. */
const sumOf = (name: string): number =>
  entriesOf(name)
    .flatMap(({ points }) => points)
    .reduce((sum, { value }) => sum + Number(value), 0);

test('T31 a collector that answers 400 to deltas gets totals for good, and one warning is printed', async () => {
  receiver.fault({ signal: 'metrics', refuseDeltas: true });
  const program = startProgram(
    `${WORK} const timer = setInterval(work, 10); await told(); clearInterval(timer);
     await telemetry.shutdown(); say({ seen, destination: destination('metrics') });`,
    { url: receiver.url, env: { ...INTERVAL, ...DELTA } },
  );
  await receiver.waitFor(() => entriesOf('orders').length >= 4);
  program.goOn();
  const { said, lines } = await program.end();
  const { seen, destination } = said[0] as { seen: number; destination: Record<string, never> };
  equal(lines.length, 1, lines.join('\n'));
  match(lines[0] ?? '', /^DUOTEL_CONFIG_CONFLICT .*does not take deltas: 400 Bad Request: .*temporality.*cumulative/);
  deepEqual([...new Set(receiver.metrics.map(({ temporality = 'cumulative' }) => temporality))], ['cumulative']);
  equal(receiver.requests.filter(({ status }) => status === 400).length, 1);
  const { madeItems, sentItems, droppedItems } = destination as unknown as Record<string, number> & {
    droppedItems: Record<string, number>;
  };
  equal(madeItems, Number(sentItems) + Number(droppedItems['superseded']));
  deepEqual([receiver.metric('seen')?.value, receiver.metric('orders')?.value], [seen, seen / 2]);
});

test('a short program whose first push is refused for its deltas delivers its totals', async () => {
  receiver.fault({ signal: 'metrics', refuseDeltas: true });
  const { lines } = await runProgram(`${WORK} work();`, { url: receiver.url, env: DELTA });
  deepEqual([lines.length, receiver.metric('orders')?.value], [1, 1], lines.join('\n'));
});

test('one program serves totals, deltas and a page, and they agree', async (t) => {
  const second = await startReceiver();
  t.after(() => second.close());
  const program = startProgram(
    `await telemetry.shutdown();
     const again = require('duotel').start({ destinations: [{ endpoint: '${second.url}', signals: ['metrics'] }] });
     ${WORK} const timer = setInterval(work, 5); await told(); clearInterval(timer);
     await again.shutdown(); say(seen);`,
    { url: receiver.url, env: { ...INTERVAL, ...DELTA } },
  );
  await receiver.waitFor(() => entriesOf('orders').length >= 3);
  program.goOn();
  const { said, lines } = await program.end();
  deepEqual(lines, []);
  const seen = Number(said[0]);
  deepEqual([sumOf('orders'), sumOf('seen')], [seen / 2, seen]);
  equal(second.metric('orders')?.value, seen / 2);
  ok(entriesOf('took').every(({ temporality }) => temporality === 'delta'));
  ok(entriesOf('took', second).every(({ temporality }) => temporality === 'cumulative'));
});

const ENDS: Readonly<Record<string, string>> = {
  'the natural end': '',
  'a signal': `setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');`,
  'shutdown()': 'await telemetry.shutdown();',
};
for (const [end, code] of Object.entries(ENDS)) {
  test(`${end} delivers the last deltas`, async () => {
    const app = startProgram(`${WORK} work(); work(); ${code}`, { url: receiver.url, env: DELTA });
    const { signal, stderr } = await app.app.ended;
    deepEqual([signal, stderr], [end === 'a signal' ? 'SIGTERM' : null, '']);
    deepEqual([sumOf('orders'), entriesOf('orders')[0]?.temporality], [2, 'delta']);
  });
}

test('process.exit() loses the deltas since the last push, as status() says from the start', async () => {
  const { said } = await startProgram(
    `${WORK} work(); say(telemetry.status().issues.map(({ message }) => message)); process.exit();`,
    { url: receiver.url, env: DELTA },
  ).end();
  match(String(said[0]), /deltas since the last push are lost when process\.exit\(\)/);
  equal(entriesOf('orders').length, 0);
});
