/**
 * Every way an application can have Sentry against every state of Sentry's address and every kind of program: events,
 * spans, duplicates, and that the end is that of the same program with telemetry disabled.
 *
 * The normal run meets each application with an address that answers, and each state of the address with one
 * application; the long run does all combinations, and writes `docs/reference/sentry-matrix.md`.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ROOT } from '../../tools/node-versions.mjs';
import { type Fault, type Receiver, startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { type AppResult, runApp } from '../support/run-app.ts';
import { eventsOf, idsOf } from '../support/sentry-events.ts';
import {
  type ApplicationName,
  APPLICATIONS,
  PROGRAM_NAMES,
  type ProgramName,
  sourceOf,
} from '../support/sentry-programs.ts';
import { refusedUrl } from '../unit/delivery/fault-server.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

const INSTALLED = ['none', '11.7.0', '11.11.0'] as const;
type Installed = (typeof INSTALLED)[number];

const ADDRESSES: Readonly<Record<string, Fault | 'refused' | undefined>> = {
  answers: undefined,
  refuses: 'refused',
  hangs: { signal: 'envelopes', hang: true },
  'answers 429': { signal: 'envelopes', status: 429, retryAfterSeconds: 60 },
};

interface Cell {
  readonly installed: Installed;
  readonly application: ApplicationName;
  readonly address: string;
  readonly program: ProgramName;
}

interface Row extends Cell {
  readonly events: number;
  readonly spans: number;
  readonly sentrySpans: number;
  readonly duplicates: number;
  readonly overMillis: number;
  /** Without us it never ends either. */
  readonly isEndless: boolean;
}

const APPLICATION_NAMES = Object.keys(APPLICATIONS) as ApplicationName[];

function allCells(): readonly Cell[] {
  return INSTALLED.flatMap((installed) =>
    APPLICATION_NAMES.filter((name) => installed !== 'none' || name === 'captureError()').flatMap((application) =>
      Object.keys(ADDRESSES).flatMap((address) =>
        PROGRAM_NAMES.map((program) => ({ installed, application, address, program })),
      ),
    ),
  );
}

function isSelected({ installed, application, address }: Cell): boolean {
  return address === 'answers' || installed === 'none' || (installed === '11.11.0' && application === 'imports it');
}

/** Longer than any budget, shorter than the patience of Sentry's own transport, which holds a process. */
const PATIENCE_MILLIS = 7000;
/** What an end may take: 5 s for the drain of a server, and what a busy machine adds. */
const LIMIT_MILLIS = 7000;
const OUR_LINE = /^DUOTEL_.*\n/gm;

const folders = new Map<Installed, string>();
const cleanUps: (() => unknown)[] = [];
before(async () => {
  for (const installed of INSTALLED) {
    const sentry = installed === 'none' ? [] : [`@sentry/node@${installed}`];
    const others = ['@opentelemetry/api@1.10.0', ...sentry];
    folders.set(installed, await installPacked({ after: (cleanUp) => cleanUps.push(cleanUp) }, others));
  }
});
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

/** The receiver, the address of its Sentry, and the end of both. */
async function startAddress(address: string): Promise<{ readonly receiver: Receiver; readonly dsn: string }> {
  const receiver = await startReceiver();
  const fault = ADDRESSES[address];
  if (fault === 'refused') return { receiver, dsn: `http://key@${new URL(await refusedUrl()).host}/1` };
  if (fault !== undefined) receiver.fault(fault);
  return { receiver, dsn: receiver.dsn };
}

async function runOnce(cell: Cell, more: Readonly<Record<string, string>>) {
  const { receiver, dsn } = await startAddress(cell.address);
  try {
    const result = await runApp({
      code: sourceOf(cell.application, cell.program),
      type: 'cjs',
      folder: folders.get(cell.installed) as string,
      nodeArgs: APPLICATIONS[cell.application].isPreloaded ? ['--import', 'duotel/register'] : [],
      timeoutMillis: PATIENCE_MILLIS,
      env: {
        OTEL_SERVICE_NAME: 'matrix',
        OTEL_METRIC_EXPORT_INTERVAL: '3600000',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        SENTRY_DSN: dsn,
        APP_DSN: dsn,
        SENTRY_TRACES_SAMPLE_RATE: '1',
        ENABLE_PROMETHEUS_METRICS: 'false',
        // On a busy machine a thread may take longer to start than a crash may take.
        ...(cell.address === 'answers' && { DUOTEL_SHUTDOWN_TIMEOUT: '3000' }),
        ...more,
      },
    });
    return { result, received: read(receiver) };
  } finally {
    await receiver.close();
  }
}

function read(receiver: Receiver) {
  const events = eventsOf(receiver);
  const traceIds = new Set<unknown>(receiver.spans.map((span) => span.traceId));
  const sentrySpanIds = receiver.sentrySpans.map((span) => span.spanId);
  return {
    events: events.length,
    isLinked: events.every((event) => traceIds.has(idsOf(event).traceId)),
    spans: receiver.spans.length,
    sentrySpans: new Set(sentrySpanIds).size,
    duplicates:
      Math.max(0, events.length - 1) +
      (sentrySpanIds.length - new Set(sentrySpanIds).size) +
      receiver.envelopeItems('span').length +
      receiver.envelopeItems('transaction').length,
  };
}

const isEndless = ({ signal, millis }: AppResult): boolean => signal === 'SIGKILL' && millis >= PATIENCE_MILLIS;

/** What anybody could observe of an end, without our lines. */
const observable = ({ code, signal, stdout, stderr }: AppResult): unknown => ({
  code,
  signal,
  stdout,
  stderr: stderr.replaceAll(OUR_LINE, ''),
});

async function runCell(cell: Cell): Promise<Row> {
  const control = await runOnce(cell, { OTEL_SDK_DISABLED: 'true', SENTRY_TRACES_SAMPLE_RATE: '' });
  const { result, received } = await runOnce(cell, {});
  const lines = result.stderr.match(OUR_LINE) ?? [];
  assert.deepEqual(observable(result), observable(control.result));
  assert.equal(received.duplicates, 0);
  assert.equal(received.spans, cell.program === 'server' ? 2 : 1, result.stderr);
  const isAnswering = cell.address === 'answers';
  assert.equal(received.events, isAnswering ? 1 : 0, result.stderr);
  assert.ok(received.isLinked, 'the event is on the trace of its span');
  const expected = cell.application === 'init() with tracing' ? 1 : 0;
  if (isAnswering) assert.equal(lines.length, expected, result.stderr);
  else assert.ok(lines.length <= expected + 3, result.stderr);
  const overMillis = result.millis - control.result.millis;
  assert.ok(overMillis < LIMIT_MILLIS, `${overMillis} ms later than the control`);
  return { ...cell, ...received, overMillis, isEndless: isEndless(result) };
}

function renderPage(rows: readonly Row[]): string {
  const keys = new Map(rows.map((row) => [JSON.stringify([row.installed, row.application, row.address]), row]));
  const body = [...keys.values()].map(({ installed, application, address }) => {
    const cells = PROGRAM_NAMES.map((program) => {
      const row = rows.find(
        (each) =>
          each.installed === installed &&
          each.application === application &&
          each.address === address &&
          each.program === program,
      );
      return row === undefined ? '' : describe(row);
    });
    return `| ${[installed, application, address, ...cells].join(' | ')} |`;
  });
  return `# Sentry matrix

Written by the long run of \`test/e2e/sentry-matrix.test.ts\`.

A program has one error, in a request of a server that SIGTERM ends, in a command-line program that ends by itself, and
in one that crashes. Each field: events in Sentry / spans over OTLP / spans in Sentry / duplicates of any of them, then
the milliseconds the end took more than with \`OTEL_SDK_DISABLED=true\`. In all ${rows.length} runs exit code, signal, stdout and
stderr were those of the program with telemetry disabled, apart from lines that start with \`DUOTEL_\`, and each event
was on the trace of its span. _endless_: the request of Sentry's own transport holds the process, with us and without.

| \`@sentry/node\` | application | address | ${PROGRAM_NAMES.join(' | ')} |
| --- | --- | --- | ${PROGRAM_NAMES.map(() => '---').join(' | ')} |
${body.join('\n')}
`;
}

function describe({ events, spans, sentrySpans, duplicates, overMillis, isEndless: isWithoutEnd }: Row): string {
  // Below the noise of starting a process there is nothing to tell.
  const time = isWithoutEnd ? '_endless_' : `${Math.max(0, 10 * Math.round(overMillis / 10))} ms`;
  return `${events} / ${spans} / ${sentrySpans} / ${duplicates}, ${time}`;
}

suite('Sentry matrix', () => {
  const rows: Row[] = [];
  const cells = allCells().filter((cell) => LONG || isSelected(cell));
  for (const cell of cells) {
    const { installed, application, address, program } = cell;
    test(`${installed}, ${application}, an address that ${address}, ${program}: one event on its trace, ends as without us`, async () => {
      rows.push(await runCell(cell));
    });
  }
  after(() => {
    if (LONG && rows.length === cells.length)
      writeFileSync(join(ROOT, 'docs/reference/sentry-matrix.md'), renderPage(rows));
  });
});
