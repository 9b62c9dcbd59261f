/**
 * Coded lines for people, on stderr, once each.
 *
 * Silence means healthy: a line is printed when something needs a person, and not again for the same `key` until
 * the trouble is over. Nothing is ever written to stdout.
 * Layer: core.
 */
import { createRequire } from 'node:module';
import type * as JsonLine from './json-line.ts';
import type { NoticeCode } from './notice-codes.ts';
import type * as ShownText from './redaction/shown-text.ts';

const load = createRequire(import.meta.url);

/** One coded message. */
export interface Notice {
  readonly code: NoticeCode;
  /** What failed, what still works, what to do; one line, no secrets. */
  readonly message: string;
  /** Two notices with the same key are one; the message by default. */
  readonly key?: string;
}

/** How lines are written: for people, or one JSON object each for log pipelines. */
export type NoticeForm = 'text' | 'json';

/** Writes one line, newline included. */
export type LineWriter = (line: string) => void;

const shown = new Set<string>();
const counts = new Map<NoticeCode, number>();

let writeLine: LineWriter = (line) => {
  // A console of our own swallows the error event of a closed pipe, which would end the program; nobody has patched it.
  const { Console } = process.getBuiltinModule('node:console');
  new Console(process.stderr, process.stderr).error(line.slice(0, -1));
};

let form: NoticeForm | undefined;

/** Settles the form of all lines from now on. */
export function setNoticeForm(settled: NoticeForm): void {
  form = settled;
}

/** Before the configuration is settled, the environment says what it will most likely be. */
function isJson(): boolean {
  return (form ?? process.env['DUOTEL_NOTICES']?.trim().toLowerCase()) === 'json';
}

function jsonLine(): typeof JsonLine {
  return load('./json-line.ts') as typeof JsonLine;
}

/** Whoever wrote a line may have quoted somebody who was careless: an address, a header, an answer. */
function withoutSecrets(message: string): string {
  return (load('./redaction/shown-text.ts') as typeof ShownText).withoutSecrets(message);
}

/**
 * Prints a notice unless one with its key is already out. Never throws: a closed stderr is nobody's error.
 *
 * @returns whether it was printed
 */
export function notify(notice: Notice): boolean {
  counts.set(notice.code, (counts.get(notice.code) ?? 0) + 1);
  const key = `${notice.code} ${notice.key ?? notice.message}`;
  if (shown.has(key)) return false;
  shown.add(key);
  try {
    const message = withoutSecrets(notice.message).replaceAll(/[\r\n]+/g, ' ');
    writeLine(isJson() ? jsonLine().renderNotice(notice.code, message) : `${notice.code} ${message}\n`);
  } catch {
    // Nowhere left to report to.
  }
  return true;
}

/** A diagnostic message of OpenTelemetry's as a line in the form of the notices. */
export function renderDiagnostic(level: JsonLine.LineLevel, message: string): string {
  const shown = withoutSecrets(message);
  return isJson() ? jsonLine().renderDiagnostic(level, shown) : `opentelemetry ${level} ${shown}\n`;
}

/** Declares the trouble behind a key over, so that its next occurrence is printed again. */
export function settleNotice(code: NoticeCode, key: string): void {
  shown.delete(`${code} ${key}`);
}

/** How often each code was raised, printed or not. */
export function noticeCounts(): Partial<Record<NoticeCode, number>> {
  return Object.fromEntries(counts);
}

/** Sends lines elsewhere; returns a function that restores stderr. For tests. */
export function redirectNotices(writer: LineWriter): () => void {
  const before = writeLine;
  const formBefore = form;
  writeLine = writer;
  shown.clear();
  counts.clear();
  return () => {
    writeLine = before;
    form = formBefore;
    shown.clear();
    counts.clear();
  };
}
