/**
 * What we say on stderr as one JSON object a line, for log pipelines: `DUOTEL_NOTICES=json`.
 *
 * Layer: core. Loaded with the first such line.
 */
import { type NoticeCode, NOTICES } from './notice-codes.ts';

/** Severity of a line; the last three are those of `OTEL_LOG_LEVEL`. */
export type LineLevel = 'error' | 'warn' | 'info' | 'debug' | 'verbose';

/** A coded notice, with what can be done about it. */
export function renderNotice(code: NoticeCode, message: string, now: Date = new Date()): string {
  const { level, remedy }: { readonly level: 'warn' | 'info'; readonly remedy: string } = NOTICES[code];
  return render({ time: now.toISOString(), level, logger: 'duotel', code, message, remedy, pid: process.pid });
}

/** A diagnostic message of OpenTelemetry's. */
export function renderDiagnostic(level: LineLevel, message: string, now: Date = new Date()): string {
  return render({ time: now.toISOString(), level, logger: 'opentelemetry', message, pid: process.pid });
}

/** `JSON.stringify` escapes every line break but two that other languages know. */
function render(line: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(line)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)}\n`;
}
