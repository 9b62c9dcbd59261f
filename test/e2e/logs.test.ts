/**
 * Real loggers under the preload: what is in their lines, what is exported, once each, whoever writes the line.
 */
import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, suite, test, type TestContext } from 'node:test';
import { type ReceivedLog, type Receiver, startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, suiteOwner } from '../support/backends.ts';
import { type Form, writeProgram } from '../support/instrumented-apps.ts';
import { BUNYAN, PACKAGES, PINO, PINO_MAJORS, WINSTON } from '../support/logger-programs.ts';

type Fields = Readonly<Record<string, unknown>>;

const parse = (stdout: string): Fields[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Fields);

/** A record in short: number and name of its level, body. */
const describe = ({ severityNumber, severityText, body }: ReceivedLog): string =>
  `${severityNumber} ${severityText} ${String(body)}`;

suite('loggers', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
    for (const major of PINO_MAJORS) {
      await mkdir(join(folder, major, 'node_modules'), { recursive: true });
      await cp(join(folder, 'node_modules', `pino${major}`), join(folder, major, 'node_modules/pino'), {
        recursive: true,
      });
    }
  });

  interface Run {
    readonly otlp: Receiver;
    readonly stdout: string;
  }

  async function runProgram(
    t: TestContext,
    program: { readonly name: string; readonly source: string; readonly form: Form; readonly within?: string },
    env: Readonly<Record<string, string>> = {},
  ): Promise<Run> {
    const otlp = await startReceiver();
    t.after(() => otlp.close());
    const { name, source, form, within = '' } = program;
    const args = ['--import', 'duotel/register', ...writeProgram(join(folder, within), name, form, source)];
    const own = {
      OTEL_SERVICE_NAME: 'app',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      DUOTEL_RUNTIME_METRICS: 'off',
    };
    const running = launch(t, process.execPath, args, { cwd: folder, env: cleanEnvironment({ ...own, ...env }) });
    assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
    assert.equal(running.stderr(), '');
    return { otlp, stdout: running.stdout() };
  }

  /** What is the same with each logger: ids of the span, then the id of the request, which is ignored and has no span. */
  function checkIds({ otlp, stdout }: Run, perPass: number, copies = 1): void {
    const root = otlp.spans.find(({ name }) => name === 'root');
    const lines = parse(stdout);
    assert.equal(lines.length, 2 * perPass * copies);
    for (const line of lines.slice(0, perPass * copies))
      assert.deepEqual([line['trace_id'], line['span_id'], line['trace_flags']], [root?.traceId, root?.spanId, '01']);
    for (const line of lines.slice(perPass * copies))
      assert.deepEqual([line['trace_id'], line['request_id']], [undefined, 'asked-1']);
    assert.equal(otlp.logs.length, 2 * perPass);
    const inSpan = otlp.logs.filter(({ traceId }) => traceId === root?.traceId);
    const inRequest = otlp.logs.filter(({ attributes }) => attributes['request.id'] === 'asked-1');
    assert.deepEqual([inSpan.length, inRequest.length], [perPass, perPass]);
    for (const { attributes } of otlp.logs)
      for (const name of ['trace_id', 'span_id', 'trace_flags', 'request_id']) assert.ok(!(name in attributes), name);
  }

  function checkError(otlp: Receiver): void {
    const { attributes } = otlp.logs.find(({ severityNumber }) => severityNumber === 17) as ReceivedLog;
    assert.deepEqual(
      [attributes['exception.type'], attributes['exception.message'], attributes['part']],
      ['TypeError', 'why', 'child'],
    );
    assert.match(String(attributes['exception.stacktrace']), /^TypeError: why\n +at /);
    assert.ok(JSON.stringify(attributes).includes('"E1"'));
  }

  for (const [within, form] of [
    ['8', 'cjs'],
    ['9', 'mjs'],
    ['10', 'mjs'],
    ['10', 'cjs'],
  ] as const)
    test(`pino ${within}, ${form}: ids in each line, each line one record`, async (t) => {
      const run = await runProgram(t, { name: 'pino', source: PINO, form, within });
      checkIds(run, 3);
      checkError(run.otlp);
      assert.deepEqual([...new Set(run.otlp.logs.map(describe))].toSorted(), [
        '11 audit checked',
        '17 error failed',
        '9 info hello you',
      ]);
      const hello = run.otlp.logs.find(({ body }) => body === 'hello you');
      assert.deepEqual(hello?.attributes['user'], { id: 7, tags: ['a'] });
      // What pino redacts is redacted.
      assert.equal(hello?.attributes['street'], '[Redacted]');
    });

  for (const form of ['cjs', 'mjs'] as const) {
    test(`winston 3, ${form}: ids in each line, each line one record though two transports print it`, async (t) => {
      const run = await runProgram(t, { name: 'winston', source: WINSTON, form }, { DUOTEL_LOGS_CONSOLE: 'export' });
      checkIds(run, 3, 2);
      checkError(run.otlp);
      assert.deepEqual([...new Set(run.otlp.logs.map(describe))].toSorted(), [
        '11 audit checked',
        '17 error failed why',
        '9 info hello you',
      ]);
      const hello = run.otlp.logs.find(({ body }) => body === 'hello you');
      assert.deepEqual(hello?.attributes['user'], { id: 7, tags: ['a'] });
    });

    test(`bunyan 1, ${form}: ids in each line, each line one record`, async (t) => {
      const run = await runProgram(t, { name: 'bunyan', source: BUNYAN, form });
      checkIds(run, 2);
      checkError(run.otlp);
      assert.deepEqual([...new Set(run.otlp.logs.map(describe))].toSorted(), ['17 error failed', '9 info hello you']);
      const hello = run.otlp.logs.find(({ body }) => body === 'hello you');
      assert.deepEqual(hello?.attributes['user'], { id: 7, tags: ['a'] });
    });
  }

  for (const [name, source, within] of [
    ['pino', PINO, '10'],
    ['winston', WINSTON, ''],
    ['bunyan', BUNYAN, ''],
  ] as const)
    test(`${name}: inject exports nothing, export leaves lines as they are, off does neither`, async (t) => {
      const program = { name, source, form: 'mjs', within } as const;
      const run = async (mode: string): Promise<Run> => runProgram(t, program, { DUOTEL_LOGS: mode });
      const [inject, exported, off] = [await run('inject'), await run('export'), await run('off')];
      assert.ok(parse(inject.stdout).some((line) => typeof line['trace_id'] === 'string'));
      assert.ok(parse(inject.stdout).some((line) => line['request_id'] === 'asked-1'));
      assert.deepEqual([inject.otlp.logs.length, off.otlp.logs.length], [0, 0]);
      assert.ok(exported.otlp.logs.length > 0 && exported.otlp.logs.some(({ traceId }) => traceId !== undefined));
      for (const line of parse(exported.stdout)) assert.ok(!('trace_id' in line) && !('request_id' in line));
      // Lines of bunyan say when they were written; stacks are longer where there is more in between.
      const plain = ({ stdout }: Run): string =>
        stdout.replaceAll(/"(?:time|pid|stack)":("[^"]*"|\d+)/g, '').replaceAll(/\\n +at [^"]*/g, '');
      assert.equal(plain(exported), plain(off));
    });

  test('winston: a format that prints all there is prints nothing of ours', async (t) => {
    const source = `
import winston from 'winston';
const { combine, errors, prettyPrint } = winston.format;
const format = combine(errors({ stack: false }), prettyPrint());
const log = winston.createLogger({ format, transports: [new winston.transports.Console()] });
log.info('hello');
log.error(new RangeError('why'));
`;
    const program = { name: 'pretty', source, form: 'mjs' } as const;
    const { otlp, stdout } = await runProgram(t, program, { DUOTEL_LOGS: 'export' });
    assert.equal(stdout, "{ message: 'hello', level: 'info' }\n{ level: 'error', message: 'why' }\n");
    assert.deepEqual(otlp.logs.map(describe).toSorted(), ['17 error why', '9 info hello']);
    assert.ok(otlp.logs.some(({ attributes }) => attributes['exception.type'] === 'RangeError'));
  });

  test('winston: lines a slow transport holds back have the ids and errors of when they were written', async (t) => {
    const source = `
import winston from 'winston';
import Transport from 'winston-transport';
import { trace } from '@opentelemetry/api';
class Slow extends Transport {
  log(info, done) { setTimeout(done, 1); }
}
const [level, message] = [Symbol.for('level'), Symbol.for('message')];
const anew = winston.format((info) => ({ level: info.level, message: info.message, [level]: info.level, [message]: '' }));
const log = winston.createLogger({ format: anew(), transports: [new Slow()] });
for (let index = 0; index < 100; index += 1)
  trace.getTracer('app').startActiveSpan('span ' + index, (span) => {
    log.error('span', new TypeError(index));
    span.end();
  });
`;
    const { otlp } = await runProgram(t, { name: 'slow', source, form: 'mjs' });
    const names = new Map(otlp.spans.map(({ traceId, name }) => [traceId, name]));
    assert.equal(otlp.logs.length, 100);
    for (const { body, traceId, attributes } of otlp.logs)
      assert.deepEqual([names.get(traceId ?? ''), attributes['exception.type']], [body, 'TypeError']);
  });

  test('pino with a worker: pino-pretty prints each line, records leave from the main thread, in order', async (t) => {
    const source = `
import pino from 'pino';
const log = pino({ level: 'debug' }, pino.transport({ targets: [
  { target: 'pino-pretty', options: { destination: 1, colorize: false }, level: 'debug' },
  { target: 'pino/file', options: { destination: 1 }, level: 'error' },
] }));
for (let index = 0; index < 100; index += 1) log.debug({ index }, 'line');
log.error('last');
log.flush();
`;
    const { otlp, stdout } = await runProgram(t, { name: 'worker', source, form: 'mjs', within: '10' });
    assert.equal(stdout.match(/DEBUG.*: line/g)?.length, 100);
    assert.equal(stdout.match(/"msg":"last"/g)?.length, 1);
    const lines = otlp.logs.filter(({ body }) => body === 'line');
    assert.deepEqual(
      lines.map(({ attributes }) => attributes['index']),
      Array.from({ length: 100 }, (_, index) => index),
    );
    assert.equal(otlp.logs.length, 101);
  });

  test('pino: a write hook, keys, times and formatters of the application hold for the record too', async (t) => {
    const source = `
import pino from 'pino';
const print = { write: (line) => console.log(line.trimEnd()) };
const hooks = { streamWrite: (line) => line.replaceAll('4111', '****') };
const formatters = { level: (label) => ({ severity: label }), log: (fields) => ({ ...fields, formatted: true }) };
const timestamp = pino.stdTimeFunctions.isoTime;
const log = pino({ hooks, formatters, timestamp, messageKey: 'message', errorKey: 'error', base: null }, print);
log.info('card 4111');
log.error(new RangeError('why'));
pino({ hooks: { streamWrite: () => 'no JSON at all' } }, print).warn('x');
pino({ level: 'silent' }).fatal('never');
const inner = pino({ level: 'debug', serializers: { user: (user) => (inner.debug('inside'), user.id) } });
inner.fatal({ user: { id: 7 } }, 'around');
`;
    const env = { DUOTEL_LOGS_CONSOLE: 'export' };
    const { otlp } = await runProgram(t, { name: 'options', source, form: 'mjs', within: '10' }, env);
    assert.deepEqual(otlp.logs.map(describe).toSorted(), [
      '13 warn no JSON at all',
      '17 error why',
      '21 fatal around',
      '5 debug inside',
      '9 info card ****',
    ]);
    const [card, failure] = ['card ****', 'why'].map((text) => otlp.logs.find(({ body }) => body === text));
    assert.deepEqual(card?.attributes, { severity: 'info', formatted: true });
    assert.equal(failure?.attributes['exception.type'], 'RangeError');
  });
});
