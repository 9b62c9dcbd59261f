/** The log lines that carry a trace id. */
import type { ReceivedLog } from '../../src/testing.ts';
import { bold, dim, red } from './style.ts';
import { textOf } from './text-of.ts';

/** Lines of the section; `logs` are those of one trace. */
export function logSection(logs: readonly ReceivedLog[]): string[] {
  const byTime = logs.toSorted((left, right) =>
    left.timeNanos < right.timeNanos ? -1 : Number(left.timeNanos > right.timeNanos),
  );
  return [`${bold('Its log lines')}  found by the same id`, ...byTime.map(logLine)];
}

function logLine(log: ReceivedLog): string {
  const time = new Date(Number(log.timeNanos / 1_000_000n)).toISOString().slice(11, 23);
  const level = log.severityText.padEnd(5);
  const id = dim(`${log.traceId?.slice(0, 8)}…`);
  return `  ${log.serviceName.padEnd(6)} ${time}  ${level === 'ERROR' ? red(level) : level}  ${id}  ${textOf(log.body)}`;
}
