/**
 * What the application prints with the console as log records.
 *
 * The console prints first and as ever. Never a record: what telemetry prints, the diagnostics of OpenTelemetry included,
 * and what a logger prints through the console, which is its line.
 * Layer: instrument. Loaded when `DUOTEL_LOGS_CONSOLE` asks for it.
 */
import { formatWithOptions, getCallSites } from 'node:util';
import { context, type LoggerProvider, SeverityNumber } from '@opentelemetry/api';
import { degrade } from '../../core/guard.ts';
import { VERSION } from '../../core/version.ts';
import { describeException } from './log-fields.ts';
import { logSettings } from './log-settings.ts';
import { LogSource } from './log-source.ts';
import { isWritingLine } from './own-lines.ts';

const SEVERITIES = {
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

type Method = keyof typeof SEVERITIES;
type Print = (...args: unknown[]) => void;

/** Files whose lines are no lines of the application: OpenTelemetry, also as its diagnostics, … */
const TELEMETRY = /[\\/]node_modules[\\/](?:@opentelemetry|duotel)[\\/]/;
/** … and the transports of loggers, which may print when their logger is long done with the line. */
const LOGGERS = /[\\/]node_modules[\\/](?:winston|winston-transport|pino|pino-pretty|bunyan)[\\/]/;

/** Frames looked at: our own, those of Node.js in `console.assert()` and `console.table()`, and the caller of the console. */
const FRAMES = 8;

/**
 * Makes records of what is printed from now on.
 *
 * @returns stops that
 */
export function exportConsole(provider: LoggerProvider): () => void {
  const source = new LogSource('duotel/console', VERSION);
  source.connect(provider);
  const undo = (Object.keys(SEVERITIES) as Method[]).map((method) => replace(method, source));
  return () => {
    for (const step of undo) step();
  };
}

function replace(method: Method, source: LogSource): () => void {
  const print = console[method] as Print;
  let isOn = true;
  const printAndRecord: Print = function printAndRecord(this: unknown, ...args) {
    print.apply(this, args);
    if (!isOn) return;
    try {
      exportLine(method, args, source);
    } catch (cause) {
      degrade('logs.console', cause);
    }
  };
  console[method] = printAndRecord;
  return () => {
    isOn = false;
    if (console[method] === printAndRecord) console[method] = print;
  };
}

function exportLine(method: Method, args: readonly unknown[], source: LogSource): void {
  const scope = context.active();
  const severityNumber = SEVERITIES[method];
  if (!source.wants(severityNumber, scope) || isForeign()) return;
  source.emit(scope, () => ({
    body: formatWithOptions({ colors: false }, ...args),
    severityNumber,
    severityText: method === 'log' ? 'info' : method,
    attributes: describeException(args.find((argument) => argument instanceof Error))?.attributes ?? {},
  }));
}

/** Whether somebody other than the application prints. */
function isForeign(): boolean {
  const exportsLines = logSettings().export;
  if (exportsLines && isWritingLine()) return true;
  const caller = callerFile();
  return TELEMETRY.test(caller) || (exportsLines && LOGGERS.test(caller));
}

/** File of the function that called the console; empty where Node.js cannot tell. */
function callerFile(): string {
  const files = getCallSites(FRAMES, { sourceMap: false }).map(({ scriptName }) => scriptName);
  return files.find((file) => file !== files[0] && !file.startsWith('node:')) ?? '';
}
