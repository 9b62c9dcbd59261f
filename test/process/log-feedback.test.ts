/** Telemetry does not log about itself: console capture while no destination answers (pain P29, test T39). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { type AppOptions, runApp } from '../support/run-app.ts';

const IDLE_MILLIS = process.env['DUOTEL_TEST_LONG'] === '1' ? 60_000 : 4000;

/** Counts what is made in the process, and says so on stderr without the console. */
const COUNTING = `
import { writeSync } from 'node:fs';
import { diag, DiagConsoleLogger, DiagLogLevel, trace } from '@opentelemetry/api';
import { start } from 'duotel';
const bodies = [];
const spans = [];
const nothing = { forceFlush: async () => undefined, shutdown: async () => undefined };
const logRecordProcessors = [{ ...nothing, onEmit: (record) => { bodies.push(record.body); onRecord?.(); } }];
const spanProcessors = [{ ...nothing, onStart: () => undefined, onEnd: (span) => spans.push(span.name) }];
let onRecord;
const options = { logRecordProcessors, spanProcessors };
const report = (telemetry) => {
  const made = telemetry.status().destinations.map(({ signal, madeItems }) => signal + ' ' + madeItems);
  writeSync(2, 'REPORT ' + JSON.stringify({ bodies, spans, made }) + '\\n');
};
const mine = () => {
  trace.getTracer('app').startSpan('mine').end();
  console.error('mine');
};`;

interface Report {
  readonly bodies: readonly string[];
  readonly spans: readonly string[];
  readonly made: readonly string[];
}

async function reportOf(options: AppOptions): Promise<{ readonly report: Report; readonly stdout: string }> {
  const { code, stdout, stderr } = await runApp({ ...options, timeoutMillis: IDLE_MILLIS + 20_000 });
  const line = /^REPORT (.*)$/m.exec(stderr)?.[1];
  assert.ok(line !== undefined && code === 0, stderr);
  return { report: JSON.parse(line) as Report, stdout };
}

const DEAD = 'http://127.0.0.1:1';
const ENV = {
  DUOTEL_LOGS_CONSOLE: 'export',
  OTEL_EXPORTER_OTLP_ENDPOINT: DEAD,
  OTEL_METRICS_EXPORTER: 'otlp,prometheus',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  OTEL_METRIC_EXPORT_INTERVAL: '100',
  OTEL_METRIC_EXPORT_TIMEOUT: '100',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_BLRP_SCHEDULE_DELAY: '50',
  DUOTEL_SHUTDOWN_TIMEOUT: '100',
};

test('with the console captured and every destination dead, an idle program makes no record, span or byte on stdout', async () => {
  const code = `${COUNTING}
const telemetry = start({ ...options, destinations: [{ endpoint: '${DEAD}/second' }] });
mine();
setTimeout(() => report(telemetry), ${IDLE_MILLIS});`;
  const { report, stdout } = await reportOf({ code, nodeArgs: [], env: { ...ENV, OTEL_LOG_LEVEL: 'debug' } });
  assert.equal(stdout, '');
  assert.deepEqual([report.bodies, report.spans], [['mine'], ['mine']]);
  assert.deepEqual(report.made.filter((line) => !line.startsWith('metrics')).toSorted(), [
    'logs 1',
    'logs 1',
    'traces 1',
    'traces 1',
  ]);
});

test('processors that log what they see, at once and later, and diagnostics on the console make no records', async () => {
  const code = `${COUNTING}
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ALL);
const telemetry = start(options);
onRecord = () => { console.warn('seen'); setTimeout(() => console.warn('seen later'), 1); };
mine();
const timer = setInterval(() => diag.error('internal'), 10);
setTimeout(() => { clearInterval(timer); report(telemetry); }, 500);`;
  const { report } = await reportOf({ code, nodeArgs: [], env: ENV });
  assert.deepEqual([report.bodies, report.spans], [['mine'], ['mine']]);
});

test('more records than the limit allows are left out, counted and told once; lines are not affected', async (t) => {
  const otlp = await startReceiver();
  t.after(() => otlp.close());
  const code = `${COUNTING}
const telemetry = start();
for (let index = 0; index < 50; index += 1) console.log('line ' + index);
console.debug('too slight');
console.error('broken');
const [{ madeItems, filteredItems }] = telemetry.status().destinations.filter(({ signal }) => signal === 'logs');
bodies.push(madeItems, filteredItems);
report(telemetry);`;
  const env = {
    ...ENV,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    DUOTEL_LOGS_RATE_LIMIT: '5',
    DUOTEL_LOGS_LEVEL: 'info',
    DUOTEL_SHUTDOWN_TIMEOUT: '5000',
  };
  const { code: exitCode, stdout, stderr } = await runApp({ code, nodeArgs: [], env });
  assert.equal(exitCode, 0, stderr);
  assert.equal(stdout.split('\n').length, 52);
  const [, line = ''] = /^REPORT (.*)$/m.exec(stderr) ?? [];
  const [made = 0, filtered = 0] = (JSON.parse(line) as { readonly bodies: readonly number[] }).bodies;
  // A slow machine may take longer than a second.
  assert.ok(made >= 6 && made < 51, `${made}`);
  assert.equal(made + filtered, 51);
  assert.equal(stderr.match(/^DUOTEL_LOGS_LIMITED /gm)?.length, 1);
  assert.equal(otlp.logs.length, made);
  assert.ok(otlp.logs.some(({ body }) => body === 'broken') && !otlp.logs.some(({ body }) => body === 'too slight'));
});
