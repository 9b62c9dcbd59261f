/**
 * Programs that make telemetry and tell what became of it, for tests of delivery.
 *
 * A program is the body of an async function under the preload, with a few words at hand (see the preamble).
 */
import assert from 'node:assert/strict';
import { type AppResult, PRELOAD, type RunningApp, startApp } from './run-app.ts';

const PREAMBLE = `
  const { trace, logs, metrics } = require('@opentelemetry/api');
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const telemetry = require('duotel').start();
  const tracer = trace.getTracer('delivery'), logger = logs.getLogger('delivery');
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  /** A span with as many bytes of attributes. */
  const span = (bytes = 0) => tracer.startSpan('work', bytes > 0 ? { attributes: { detail: 'x'.repeat(bytes) } } : {}).end();
  const spans = (count, bytes) => { for (let item = 0; item < count; item++) span(bytes); };
  const log = (body = 'x') => logger.emit({ body });
  const destination = (wanted) => telemetry.status().destinations.find(({ signal }) => signal === wanted);
  const traces = () => destination('traces');
  const sent = async () => { while (traces().queuedItems > 0 || traces().madeItems === 0) await sleep(10); };
  /** Calls \`make(count)\` each turn of a timer so that it is called for \`perSecond\` items a second. Returns its end. */
  const load = (perSecond, make) => {
    const startedAt = performance.now(); let made = 0;
    const timer = setInterval(() => {
      const due = Math.floor((performance.now() - startedAt) * perSecond / 1000) - made;
      made += due; make(due);
    }, 5);
    return () => clearInterval(timer);
  };
  /** Resident bytes without what the next collection would give back. */
  const settledRss = () => { globalThis.gc?.(); return process.memoryUsage.rss(); };
  const problems = [];
  process.on('unhandledRejection', (cause) => problems.push('rejection ' + cause?.stack));
  process.on('uncaughtException', (cause) => problems.push('exception ' + cause?.stack));
  process.on('warning', (warning) => problems.push('warning ' + warning.stack));
  /** Resolves at the next SIGUSR2, by which the test says "go on". */
  const told = () => new Promise((resolve) => {
    const hold = setInterval(() => {}, 1000);
    process.once('SIGUSR2', () => { clearInterval(hold); resolve(); });
  });
  const say = (value) => console.log(JSON.stringify(value));`;

export interface ProgramOptions {
  /** Base address of OTLP; without it `env` says where to. */
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Beside the preload. */
  readonly nodeArgs?: readonly string[];
  /** Default: 120 000. */
  readonly timeoutMillis?: number;
}

/** A running program that prints JSON lines. */
export interface Program {
  readonly app: RunningApp;
  /** Ends one `await told()` of the program. */
  goOn(): void;
  /** Waits for the next line it says. */
  next<T>(): Promise<T>;
  /** Waits for a line on stderr. */
  errorLine(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Waits for its end; what it said that was not yet read, and its lines on stderr. */
  end(): Promise<{ readonly said: readonly unknown[]; readonly lines: readonly string[]; readonly result: AppResult }>;
}

/** Starts a program; it must end by itself. */
export function startProgram(body: string, options: ProgramOptions): Program {
  const { url, env = {}, nodeArgs = [], timeoutMillis = 120_000 } = options;
  const app = startApp({
    code: `${PREAMBLE}\n(async () => { ${body} })();`,
    type: 'cjs',
    nodeArgs: [...PRELOAD, ...nodeArgs],
    env: {
      ...(url !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: url }),
      OTEL_SERVICE_NAME: 'delivery',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      ...env,
    },
    timeoutMillis,
  });
  let taken = 0;
  return {
    app,
    goOn: () => app.child.kill('SIGUSR2'),
    next: async <T>() => {
      const [, line = ''] = await app.line(new RegExp(`^(?:.*\\n){${taken}}(.*)\\n`));
      taken += 1;
      return JSON.parse(line) as T;
    },
    errorLine: (pattern) => app.line(pattern, 'stderr'),
    end: async () => {
      const result = await app.ended;
      assert.deepEqual([result.code, result.signal], [0, null], result.stderr + result.stdout);
      const said = linesOf(result.stdout)
        .slice(taken)
        .map((line) => JSON.parse(line) as unknown);
      return { said, lines: linesOf(result.stderr), result };
    },
  };
}

/** Runs a program to its end; what it said last, and its lines on stderr. */
export async function runProgram(
  body: string,
  options: ProgramOptions,
): Promise<{ readonly said: unknown; readonly lines: readonly string[] }> {
  const { said, lines } = await startProgram(body, options).end();
  return { said: said.at(-1), lines };
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
