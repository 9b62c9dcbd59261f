/** T25: callbacks of observable instruments that misbehave, in a program that is scraped. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { runApp } from '../support/run-app.ts';

const CODE = `
  import { metrics } from '@opentelemetry/api';
  import { start } from 'duotel';
  const telemetry = start();
  const meter = metrics.getMeter('app');
  meter.createObservableGauge('stuck').addCallback((result) => (result.observe(1), new Promise(() => {})));
  meter.createObservableGauge('broken').addCallback(() => { throw new Error('boom'); });
  meter.createObservableGauge('rejecting').addCallback(() => Promise.reject(new Error('boom')));
  meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
  meter.createCounter('count').add(1);
  const { host, port } = telemetry.status().scrape ?? await new Promise((resolve) => {
    const poll = setInterval(() => {
      const { scrape } = telemetry.status();
      if (scrape) resolve(scrape, clearInterval(poll));
    }, 5);
  });
  const answers = [];
  for (let scrape = 0; scrape < 20; scrape++) {
    const from = performance.now();
    const response = await fetch('http://' + host + ':' + port + '/metrics');
    const page = await response.text();
    answers.push({ status: response.status, millis: performance.now() - from, page });
  }
  console.log(JSON.stringify(answers));
  await telemetry.shutdown();`;

test('T25 a page has all other series, in time, whatever some callbacks do', async () => {
  const env = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
  const { code, stdout, stderr } = await runApp({ code: CODE, env });
  deepEqual([code, stderr], [0, '']);
  const answers = JSON.parse(stdout) as { status: number; millis: number; page: string }[];
  equal(answers.length, 20);
  for (const { status, millis, page } of answers) {
    equal(status, 200);
    ok(millis <= 2_000, `${millis} ms`);
    const families = parsePrometheus(page);
    const names = ['stuck', 'broken', 'rejecting', 'fine', 'count_total'];
    deepEqual(
      names.filter((name) => families.has(name)),
      ['fine', 'count_total'],
    );
  }
});
