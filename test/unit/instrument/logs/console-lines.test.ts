/** What the console prints, as log records. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { DiagConsoleLogger } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { exportConsole } from '../../../../src/instrument/logs/console-lines.ts';
import { settleLogs } from '../../../../src/instrument/logs/log-settings.ts';
import { writeLine } from '../../../../src/instrument/logs/own-lines.ts';

const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;
const originals = METHODS.map((method) => console[method]);
const printed: unknown[][] = [];
const exporter = new InMemoryLogRecordExporter();
let stop = (): void => undefined;

beforeEach(() => {
  exporter.reset();
  printed.length = 0;
  for (const method of METHODS) console[method] = (...args: unknown[]) => void printed.push([method, ...args]);
  stop = exportConsole(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
});
afterEach(() => {
  stop();
  settleLogs();
  for (const [index, method] of METHODS.entries()) console[method] = originals[index] as typeof console.log;
});

const bodies = (): unknown[] => exporter.getFinishedLogRecords().map(({ body }) => body);

test('each method has its severity, and the console prints what it was given', () => {
  for (const method of METHODS) console[method]('%s is', method, { a: 1 });
  assert.deepEqual(
    printed,
    METHODS.map((method) => [method, '%s is', method, { a: 1 }]),
  );
  const records = exporter.getFinishedLogRecords();
  assert.deepEqual(
    records.map(({ severityNumber, severityText }) => [severityNumber, severityText]),
    [
      [5, 'debug'],
      [9, 'info'],
      [9, 'info'],
      [13, 'warn'],
      [17, 'error'],
    ],
  );
  assert.equal(records[0]?.body, 'debug is { a: 1 }');
});

test('the console prints before there is a record, and prints when there can be none', () => {
  const hostile = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      assert.equal(printed.length, 1);
      throw new Error('hostile');
    },
  };
  console.log(hostile);
  assert.deepEqual([printed.length, bodies()], [1, []]);
});

test('an error among the values is an exception', () => {
  console.error('failed:', new TypeError('why'));
  const [record] = exporter.getFinishedLogRecords();
  assert.deepEqual(
    [record?.attributes['exception.type'], record?.attributes['exception.message']],
    ['TypeError', 'why'],
  );
  assert.match(String(record?.attributes['exception.stacktrace']), /^TypeError: why\n/);
});

test('diagnostics of OpenTelemetry are printed and no records', async () => {
  // A copy of the API that is loaded now takes the console of now for the original one.
  const { href } = new URL('diag/consoleLogger.mjs?copy', import.meta.resolve('@opentelemetry/api'));
  const { DiagConsoleLogger: Copy } = (await import(href)) as { readonly DiagConsoleLogger: typeof DiagConsoleLogger };
  new Copy().error('internal');
  assert.deepEqual([printed, bodies()], [[['error', 'internal']], []]);
});

test('what a logger prints through the console is its own line, if it is exported', () => {
  settleLogs({ inject: false, export: true, exportConsole: true });
  writeLine(() => console.log('line'));
  assert.deepEqual(bodies(), []);
  settleLogs({ inject: true, export: false, exportConsole: true });
  writeLine(() => console.log('line'));
  assert.deepEqual(bodies(), ['line']);
});

test('after the stop the console is the one of before, and a method somebody kept only prints', () => {
  const kept = console.log;
  stop();
  assert.notEqual(console.log, kept);
  kept('late');
  console.log('later');
  assert.deepEqual([printed.map(([, text]) => text), bodies()], [['late', 'later'], []]);
});
