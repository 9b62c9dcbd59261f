/**
 * Lines of bunyan as log records.
 *
 * A record is made of what bunyan hands to its streams, after its serializers, and no stream is added.
 * Layer: instrument.
 */
import { context, type Context, type LogRecord, type SeverityNumber } from '@opentelemetry/api';
import { guard } from '../../core/guard.ts';
import { lineAttributes } from './line-attributes.ts';
import { type Definition, extendPatch, type LoggerPart, type Patch } from './logger-part.ts';
import { writeLine } from './own-lines.ts';
import { createScale } from './severity.ts';

type Fields = Record<string, unknown>;

interface BunyanLogger {
  readonly streams: readonly { readonly level: number }[];
}

interface Bunyan {
  readonly prototype: { _emit: Emit };
}

type Emit = (this: BunyanLogger, fields: Fields, isDry?: boolean) => unknown;

const NAMES: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const severityOf = createScale(Object.entries(NAMES).map(([level, name]) => [name, Number(level)]));

/** Lets all loggers export their lines. */
export function patchBunyan(definitions: readonly Definition[], part: () => LoggerPart): void {
  const patched = new WeakSet<object>();
  const patch = (bunyan: Bunyan): Bunyan => {
    // The class that is exported inherits from the one whose method it is.
    const owner = Object.getPrototypeOf(bunyan.prototype) as Bunyan['prototype'];
    const prototype = Object.hasOwn(bunyan.prototype, '_emit') ? bunyan.prototype : owner;
    if (!patched.has(prototype)) {
      patched.add(prototype);
      prototype._emit = wrapEmit(prototype._emit, part());
    }
    return bunyan;
  };
  for (const definition of definitions) definition.patch = extendPatch(definition.patch as Patch, patch);
}

function wrapEmit(emit: Emit, part: LoggerPart): Emit {
  return function emitAndRecord(fields, isDry) {
    const scope = context.active();
    guard('logs.bunyan', () => part.addRequestId(fields, scope), undefined);
    const line = writeLine(() => emit.call(this, fields, isDry));
    if (isDry !== true) guard('logs.bunyan', () => exportLine(this, fields, scope, part), undefined);
    return line;
  };
}

function exportLine({ streams }: BunyanLogger, fields: Fields, scope: Context, part: LoggerPart): void {
  const level = Number(fields['level']);
  if (!part.exports || !streams.some((stream) => stream.level <= level)) return;
  const severityNumber = severityOf(level);
  if (part.source.wants(severityNumber, scope))
    part.source.emit(scope, () => describe(fields, { level, severityNumber, scope }));
}

interface Severe {
  readonly level: number;
  readonly severityNumber: SeverityNumber;
  readonly scope: Context;
}

function describe(fields: Fields, { level, severityNumber, scope }: Severe): LogRecord {
  const { time, msg } = fields;
  const leftOut = ['v', 'level', 'time', 'msg', 'hostname', 'pid'];
  return {
    body: msg,
    severityNumber,
    severityText: NAMES[level] ?? String(level),
    ...(time instanceof Date && { timestamp: time }),
    attributes: lineAttributes({ fields, leftOut, error: 'err' }, scope),
  };
}
