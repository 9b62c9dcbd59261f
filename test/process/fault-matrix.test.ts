/**
 * Every endpoint fault against every way to end: what arrives, what is said, how late the end is, and that code, signal
 * and stderr are those of the same program without telemetry.
 *
 * The normal run meets all pairs of endpoint, end and module type. The long run does all combinations, and writes
 * `docs/reference/fault-matrix.md`.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { ROOT } from '../../tools/node-versions.mjs';
import { DELIVERING, type EndpointName, ENDPOINTS } from '../support/fault-endpoints.ts';
import { type AppResult, runApp } from '../support/run-app.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

/** The last statements of the program, and the budget its end has. DESIGN D7. */
const EXITS = {
  natural: { code: '', budgetMillis: 1000 },
  'process.exit': { code: 'process.exit(3);', budgetMillis: 400 },
  throw: { code: `throw new TypeError('no such order');`, budgetMillis: 400 },
  rejection: { code: `Promise.reject(new Error('nobody cared'));`, budgetMillis: 400 },
  SIGTERM: { code: `setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');`, budgetMillis: 1000 },
  SIGINT: { code: `setInterval(() => {}, 1000); process.kill(process.pid, 'SIGINT');`, budgetMillis: 1000 },
} as const;

type ExitName = keyof typeof EXITS;
type ModuleType = 'mjs' | 'cjs';

interface Cell {
  readonly endpoint: EndpointName;
  readonly exit: ExitName;
  readonly type: ModuleType;
}

interface Row extends Cell {
  readonly delivered: number;
  readonly overMillis: number;
}

const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as EndpointName[];
const EXIT_NAMES = Object.keys(EXITS) as ExitName[];
/** Spans and log records of the program. */
const MADE_ITEMS = 5;
/** What nobody catches is a log record more, and a point of the counter of errors, which the endpoints do not count. */
const CRASHES: ReadonlySet<ExitName> = new Set(['throw', 'rejection']);
/** Items that endpoints have and yet say they do not want: one of each request. */
const LEFT_OUT: Partial<Record<EndpointName, number>> = { 'partial success': 2 };
/** What the end may cost beside its budget: start-up of telemetry and of the exit worker. */
const OVERHEAD_MILLIS = 100;
const LOADED_MACHINE_MILLIS = 1000;

function allCells(): Cell[] {
  return ENDPOINT_NAMES.flatMap((endpoint) =>
    EXIT_NAMES.flatMap((exit) => (['mjs', 'cjs'] as const).map((type) => ({ endpoint, exit, type }))),
  );
}

/** Every pair of endpoint and exit, of endpoint and module type, and of exit and module type. */
function selectedCells(): Cell[] {
  return ENDPOINT_NAMES.flatMap((endpoint, row) =>
    EXIT_NAMES.map((exit, column) => ({ endpoint, exit, type: (row + column) % 2 === 0 ? 'mjs' : 'cjs' })),
  );
}

function programOf({ exit, type }: Cell): string {
  const names = `{ trace, logs }`;
  const api =
    type === 'mjs' ? `import ${names} from '@opentelemetry/api';` : `const ${names} = require('@opentelemetry/api');`;
  return `${api}
    for (let item = 0; item < 3; item++) trace.getTracer('matrix').startSpan('work').end();
    for (let item = 0; item < 2; item++) logs.getLogger('matrix').emit({ body: 'done' });
    ${EXITS[exit].code}`;
}

const controls = new Map<string, Promise<AppResult>>();

/** The same program without telemetry; an empty preload, for `--import` alone changes the frames on the stack. */
function controlOf(cell: Cell): Promise<AppResult> {
  const key = `${cell.exit} ${cell.type}`;
  const known = controls.get(key);
  if (known !== undefined) return known;
  const nodeArgs = ['--import', 'data:text/javascript,'];
  const control = runApp({ code: programOf(cell), type: cell.type, nodeArgs });
  controls.set(key, control);
  return control;
}

const withoutFolder = (text: string): string => text.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>');
const OUR_LINE = /^DUOTEL_.*\n/gm;
const LOSS =
  /^DUOTEL_EXIT_LOSS (\d+) items?|Lost so far: (\d+) items?|^DUOTEL_PARTIAL_SUCCESS .* rejected (\d+) items?/gm;

/** What anybody could observe of an end, without our lines. */
function observable({ code, signal, stdout, stderr }: AppResult): unknown {
  return { code, signal, stdout, stderr: withoutFolder(stderr.replaceAll(OUR_LINE, '')) };
}

/**
 * At most one line for each signal's address and one for the loss; what they count is what was lost; none is about an
 * error of ours.
 */
function assertLines(stderr: string, lostItems: number): void {
  const lines = stderr.match(OUR_LINE) ?? [];
  const losses = lines.filter((line) => line.startsWith('DUOTEL_EXIT_LOSS'));
  assert.ok(losses.length <= 1 && lines.length - losses.length <= 2, stderr);
  assert.equal(new Set(lines).size, lines.length, stderr);
  assert.doesNotMatch(stderr, /unhandled/i);
  const told = [...stderr.matchAll(LOSS)].map(([, exit, meanwhile, leftOut]) => Number(exit ?? meanwhile ?? leftOut));
  assert.equal(
    told.reduce((sum, items) => sum + items, 0),
    lostItems,
    `what was lost is told: ${stderr}`,
  );
}

async function runCell(cell: Cell): Promise<Row> {
  const control = await controlOf(cell);
  const endpoint = await ENDPOINTS[cell.endpoint]();
  try {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.url,
      OTEL_SERVICE_NAME: 'matrix',
      // No push in between: the first one comes at a random moment of the interval.
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    };
    const result = await runApp({ code: programOf(cell), type: cell.type, env });
    const overMillis = result.millis - control.millis;
    const delivered = endpoint.delivered();
    assert.deepEqual(observable(result), observable(control));
    const made = madeItems(cell.exit);
    assert.equal(delivered, DELIVERING.has(cell.endpoint) ? made : 0, result.stderr);
    assertLines(result.stderr, lostItems(cell, made - delivered));
    const limitMillis = EXITS[cell.exit].budgetMillis + OVERHEAD_MILLIS + LOADED_MACHINE_MILLIS;
    assert.ok(overMillis <= limitMillis, `${overMillis} ms over the control`);
    return { ...cell, delivered, overMillis };
  } finally {
    await endpoint.close();
  }
}

function madeItems(exit: ExitName): number {
  return CRASHES.has(exit) ? MADE_ITEMS + 1 : MADE_ITEMS;
}

/** What the program has to be told of, points of metrics included. */
function lostItems({ endpoint, exit }: Cell, notDelivered: number): number {
  const points = CRASHES.has(exit) ? 1 : 0;
  const leftOut = LEFT_OUT[endpoint];
  if (leftOut !== undefined) return leftOut + points;
  return notDelivered === 0 ? 0 : notDelivered + points;
}

function renderPage(rows: readonly Row[]): string {
  const heading = ['Endpoint', ...EXIT_NAMES.map((exit) => (exit === 'process.exit' ? '`process.exit()`' : exit))];
  const lines = ENDPOINT_NAMES.map((endpoint) => [
    endpoint,
    ...EXIT_NAMES.map((exit) => describe(rows, endpoint, exit)),
  ]);
  const table = [heading, heading.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return `# Fault matrix

Written by the long run of \`test/process/fault-matrix.test.ts\`.

A program records three spans and two log records and ends; what nobody catches is a log record more. Each field: items delivered / items lost, then the
milliseconds the end took more than that of the same program without telemetry, the slower one of ES modules and
CommonJS. Exit code, signal, stdout and stderr were those of the program without telemetry in all ${rows.length} runs, apart
from the lines that start with \`DUOTEL_\`; there were no unhandled rejections. Such lines
counted every item that was lost.

A partial success is delivered here: the test server stores what it says it rejected.

${table.join('\n')}
`;
}

/** One field, of the runs in both module types. */
function describe(rows: readonly Row[], endpoint: EndpointName, exit: ExitName): string {
  const runs = rows.filter((row) => row.endpoint === endpoint && row.exit === exit);
  const delivered = Math.min(...runs.map((run) => run.delivered));
  // Below the noise of starting a process there is nothing to tell.
  const overMillis = Math.max(0, ...runs.map((run) => 10 * Math.round(run.overMillis / 10)));
  return `${delivered} / ${madeItems(exit) - delivered}, ${overMillis} ms`;
}

suite('fault matrix', { concurrency: 2 }, () => {
  const rows: Row[] = [];
  const cells = LONG ? allCells() : selectedCells();
  for (const cell of cells) {
    test(`${cell.endpoint}, ${cell.exit}, ${cell.type}: ends as without telemetry, in time, and tells what was lost`, async () => {
      rows.push(await runCell(cell));
    });
  }
  after(() => {
    if (LONG && rows.length === cells.length)
      writeFileSync(join(ROOT, 'docs/reference/fault-matrix.md'), renderPage(rows));
  });
});
