/** One trace as a tree: who called whom, what failed, and when each span ran. */
import type { ReceivedSpan } from '../../src/testing.ts';
import { bold, dim, red } from './style.ts';
import { textOf } from './text-of.ts';

const LABEL_WIDTH = 32;
const BAR_WIDTH = 38;

interface Row {
  readonly span: ReceivedSpan;
  /** Branches before the label, for example `│  └─ `. */
  readonly branch: string;
  /** Branches before what belongs to the span, for example an exception. */
  readonly below: string;
}

/** Lines of the section; `spans` are those of one trace, by start. */
export function traceSection(spans: readonly ReceivedSpan[]): string[] {
  const [first] = spans;
  if (first === undefined) return [];
  const start = first.startNanos;
  const end = spans.reduce((latest, span) => (span.endNanos > latest ? span.endNanos : latest), start);
  const lines = treeRows(spans).flatMap((row) => [spanLine(row, start, end), ...exceptionLines(row)]);
  return [`${bold('The failing order')}  one trace over two services: ${first.traceId}`, ...lines];
}

function treeRows(spans: readonly ReceivedSpan[]): Row[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const childrenOf = (parent: string | undefined): ReceivedSpan[] =>
    spans.filter(({ parentSpanId }) => (parent === undefined ? !ids.has(parentSpanId ?? '') : parentSpanId === parent));
  const rowsBelow = (span: ReceivedSpan, prefix: string): Row[] =>
    childrenOf(span.spanId).flatMap((child, index, siblings) => {
      const last = index === siblings.length - 1;
      const below = `${prefix}${last ? '   ' : '│  '}`;
      return [{ span: child, branch: `${prefix}${last ? '└─ ' : '├─ '}`, below }, ...rowsBelow(child, below)];
    });
  return childrenOf(undefined).flatMap((root) => [{ span: root, branch: '', below: '' }, ...rowsBelow(root, '')]);
}

function spanLine({ span, branch }: Row, start: bigint, end: bigint): string {
  const failed = span.status.code === 'error';
  const paint = failed ? red : (text: string): string => text;
  const label = labelOf(span).padEnd(LABEL_WIDTH - branch.length);
  const status = textOf(span.attributes['http.response.status_code']).padStart(3);
  const millis = (Number(span.endNanos - span.startNanos) / 1e6).toFixed(1).padStart(7);
  const outcome = paint(`${status} ${failed ? '✗' : ' '}`);
  return `  ${span.serviceName.padEnd(6)} ${dim(branch)}${label} ${outcome} ${paint(bar(span, start, end))} ${millis} ms`;
}

/** The name, with the path where the instrumentation, which knows no route, leaves only the method. */
function labelOf({ name, attributes }: ReceivedSpan): string {
  const full = attributes['url.full'];
  const path = attributes['url.path'] ?? (typeof full === 'string' ? new URL(full).pathname : undefined);
  return typeof path === 'string' && !name.includes(' ') ? `${name} ${path}` : name;
}

function bar(span: ReceivedSpan, start: bigint, end: bigint): string {
  const column = (at: bigint): number =>
    Math.round((Number(at - start) / Math.max(1, Number(end - start))) * BAR_WIDTH);
  const from = Math.min(BAR_WIDTH - 1, Math.max(0, column(span.startNanos)));
  const length = Math.max(1, column(span.endNanos) - from);
  return `${' '.repeat(from)}${'━'.repeat(length)}`.padEnd(BAR_WIDTH);
}

function exceptionLines({ span, below }: Row): string[] {
  return span.events
    .filter(({ name }) => name === 'exception')
    .map(({ attributes }) => {
      const text = `${textOf(attributes['exception.type'])}: ${textOf(attributes['exception.message'])}`;
      return `  ${' '.repeat(6)} ${dim(below)}${red(text)}`;
    });
}
