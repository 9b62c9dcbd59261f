/** T28: a program that is pushed and scraped side by side, through real requests, as long as a deployment lives. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReceiver } from '../../src/testing.ts';
import { getText } from '../support/backends.ts';
import { startProgram } from '../support/delivery-program.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';

// DUOTEL_TEST_LONG: ten minutes of a push each second and a scrape each 0.7 s; the normal run has a tenth of the rhythm.
const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
const PUSH_MILLIS = LONG ? 1_000 : 100;
const SCRAPE_MILLIS = LONG ? 700 : 70;
const TOTAL_MILLIS = LONG ? 600_000 : 6_000;
const FEWEST_INSTANTS = LONG ? 500 : 40;

/** Changed in one go, so that all of them are equal in every snapshot. */
const NAMES = ['recorded', 'up', 'last', 'measured', 'seen'];
const BODY = `
  const meter = metrics.getMeter('app');
  const recorded = meter.createCounter('recorded'), up = meter.createUpDownCounter('up');
  const last = meter.createGauge('last'), measured = meter.createHistogram('measured');
  let total = 0;
  meter.createObservableCounter('seen').addCallback((result) => result.observe(total, { kind: 'x' }));
  const work = () => {
    total += 1;
    recorded.add(1, { kind: 'x' }); up.add(1, { kind: 'x' });
    measured.record(1, { kind: 'x' }); last.record(total, { kind: 'x' });
  };
  work();
  const timer = setInterval(work, 1), heaps = [];
  const measure = setInterval(() => { gc(); heaps.push(process.memoryUsage().heapUsed); }, ${TOTAL_MILLIS / 12});
  const { host, port } = telemetry.status().scrape ?? await new Promise((resolve) => {
    const poll = setInterval(() => {
      const { scrape } = telemetry.status();
      if (scrape) { clearInterval(poll); resolve(scrape); }
    }, 5);
  });
  say('http://' + host + ':' + port + '/metrics');
  await told();
  clearInterval(timer); clearInterval(measure);
  await telemetry.shutdown();
  say({ total, heaps, destination: destination('metrics') });`;

interface End {
  readonly total: number;
  readonly heaps: readonly number[];
  readonly destination: { readonly droppedItems: Readonly<Record<string, number>> };
}

/** The values of {@link NAMES} on a page. */
function valuesOf(page: string): number[] {
  const samples = [...parsePrometheus(page).values()].flatMap((family) => family.samples);
  return NAMES.map(
    (name) =>
      samples.find((sample) => [name, `${name}_total`, `${name}_count`].includes(sample.name))?.value ?? Number.NaN,
  );
}

/** Instants at which the values differ, or are less than before. */
function mismatches(seen: readonly (readonly number[])[]): unknown[] {
  return seen.filter((values, index) => {
    const [first = Number.NaN] = values;
    return (
      values.length !== NAMES.length || values.some((value) => value !== first) || first < (seen[index - 1]?.[0] ?? 0)
    );
  });
}

test('T28 pushes and pages never contradict each other or themselves, and the heap stays flat', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const program = startProgram(BODY, {
    url: receiver.url,
    env: { OTEL_METRIC_EXPORT_INTERVAL: `${PUSH_MILLIS}`, OTEL_METRIC_EXPORT_TIMEOUT: `${PUSH_MILLIS}` },
    nodeArgs: ['--expose-gc'],
    timeoutMillis: TOTAL_MILLIS + 60_000,
  });
  t.after(() => void program.app.child.kill('SIGKILL'));
  const url = await program.next<string>();
  const pages: number[][] = [];
  const until = performance.now() + TOTAL_MILLIS;
  while (performance.now() < until) {
    pages.push(valuesOf(await getText(url)));
    await sleep(SCRAPE_MILLIS);
  }
  program.goOn();
  const { said, lines } = await program.end();
  const { total, heaps, destination } = said[0] as End;
  const pushes = Map.groupBy(receiver.metrics, ({ points }) => String(points[0]?.timeNanos));
  const pushed = [...pushes.values()]
    .map((metrics) => metrics.filter(({ name }) => NAMES.includes(name)))
    .filter((metrics) => metrics.length > 0)
    .map((metrics) => metrics.map(({ points: [point] }) => Number(point?.value ?? point?.count)));
  deepEqual([mismatches(pages), mismatches(pushed), lines], [[], [], []]);
  ok(
    pages.length >= FEWEST_INSTANTS && pushed.length >= FEWEST_INSTANTS,
    `${pages.length} pages, ${pushed.length} pushes`,
  );
  equal(pushed.at(-1)?.[0], total);
  equal(destination.droppedItems['rejected'], 0);
  // The first quarter warms up.
  const growth = Math.max(...heaps.slice(-3)) - Math.max(...heaps.slice(2, 5));
  ok(growth < 1e6, `heap grew by ${growth}: ${heaps.join(', ')}`);
});
