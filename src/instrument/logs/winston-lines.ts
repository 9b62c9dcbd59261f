/**
 * Lines of winston 3 as log records.
 *
 * A record is made of what the logger hands to its transports, after its formats, and no transport is added. A logger is a
 * stream and may hold lines back, so that context and error are those of the moment the line was written.
 * Layer: instrument.
 */
import { context, type Context, type LogRecord, type SeverityNumber } from '@opentelemetry/api';
import { guard } from '../../core/guard.ts';
import { lineAttributes } from './line-attributes.ts';
import { describeException } from './log-fields.ts';
import type { Definition, LoggerPart } from './logger-part.ts';
import { writeLine } from './own-lines.ts';
import { createScale, type Scale } from './severity.ts';

/** A line as winston passes it on. */
type Info = Record<string | symbol, unknown>;

type Method = (this: WinstonLogger, ...args: unknown[]) => unknown;

interface WinstonLogger {
  readonly levels: Readonly<Record<string, number>>;
  /** Missing in the oldest versions. */
  isLevelEnabled?(level: string): boolean;
  write: Method;
  _transform: Method;
  push: Method;
}

/** Of the package `triple-beam`, which winston and its formats share. */
const LEVEL = Symbol.for('level');
const SPLAT = Symbol.for('splat');
/** What the official instrumentation leaves on each line for a transport of its own. */
const OFFICIAL_MARK = Symbol.for('opentelemetry.js.contrib.winston.context');

const SITE = 'logs.winston';

/** Where a line was written, and the error it was given. */
interface Written {
  readonly scope: Context;
  readonly error: Error | undefined;
}

/** Lets all loggers of winston 3 export their lines; winston 1 and 2 get ids only. */
export function patchWinston(definitions: readonly Definition[], part: () => LoggerPart): void {
  const patched = new WeakSet<object>();
  for (const { supportedVersions, files } of definitions) {
    if (!supportedVersions.includes('>=3 <4')) continue;
    for (const file of files) {
      const { patch } = file;
      // It asks for its settings with each line; taking it off and putting it on again would go wrong around ours.
      file.unpatch = () => undefined;
      file.patch = (exports, version) => {
        if (patched.has(exports as object)) return exports;
        patched.add(exports as object);
        const { prototype } = exports as { readonly prototype: WinstonLogger };
        new WinstonLines(part()).attach(prototype);
        return patch(exports, version);
      };
    }
  }
}

/** The lines of all loggers. */
class WinstonLines {
  readonly #part: LoggerPart;
  readonly #written = new WeakMap<object, Written>();
  readonly #scales = new WeakMap<object, Scale>();
  /** Of the line in the formats: what comes out of them may be another object. */
  #current: Written | undefined;

  constructor(part: LoggerPart) {
    this.#part = part;
  }

  /** The official patch comes around it. */
  attach(prototype: WinstonLogger): void {
    const { write, _transform: transform } = prototype;
    // Inherited: the method of streams.
    const { push } = prototype;
    const note = (line: unknown): void => guard(SITE, () => this.#note(line), undefined);
    const within = (line: unknown, work: () => unknown): unknown => this.#within(line, work);
    const record = (logger: WinstonLogger, line: unknown): void => {
      if (this.#part.exports) guard(SITE, () => this.#export(logger, line), undefined);
    };
    prototype.write = function writeNoted(...args) {
      note(args[0]);
      return writeLine(() => write.apply(this, args));
    };
    prototype._transform = function transformWithin(...args) {
      return within(args[0], () => transform.apply(this, args));
    };
    prototype.push = function pushAndRecord(...args) {
      const returned = push.apply(this, args);
      record(this, args[0]);
      return returned;
    };
  }

  #note(line: unknown): void {
    if (typeof line !== 'object' || line === null) return;
    const info = line as Info;
    // A format that prints all there is would print contexts.
    delete info[OFFICIAL_MARK];
    const scope = context.active();
    this.#part.addRequestId(info, scope);
    if (this.#part.exports) this.#written.set(info, { scope, error: errorOf(info) });
  }

  #within(line: unknown, work: () => unknown): unknown {
    const before = this.#current;
    this.#current = typeof line === 'object' && line !== null ? this.#written.get(line) : undefined;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }

  #export(logger: WinstonLogger, line: unknown): void {
    // A format that leaves a line out gives false, the end of the stream is null.
    if (typeof line !== 'object' || line === null) return;
    const info = line as Info;
    const level = String(info[LEVEL] ?? info['level']);
    if (logger.isLevelEnabled?.(level) === false) return;
    const written = this.#current ?? { scope: context.active(), error: errorOf(info) };
    const severityNumber = this.#severityOf(logger.levels, level);
    if (this.#part.source.wants(severityNumber, written.scope))
      this.#part.source.emit(written.scope, () => ({
        ...describe(info, written),
        severityNumber,
        severityText: level,
      }));
  }

  #severityOf(levels: Readonly<Record<string, number>>, level: string): SeverityNumber {
    let scale = this.#scales.get(levels);
    if (scale === undefined) {
      // The lower the number, the graver.
      scale = createScale(Object.entries(levels).map(([name, rank]) => [name, -rank]));
      this.#scales.set(levels, scale);
    }
    return scale(-(levels[level] ?? Number.NaN));
  }
}

/** `error(new Error())`, `error('text', new Error())`, `error({ message: new Error() })` and the usual fields. */
function errorOf(info: Info): Error | undefined {
  const splat: unknown = info[SPLAT];
  const given = [
    info,
    ...(Array.isArray(splat) ? (splat as unknown[]) : []),
    info['message'],
    info['error'],
    info['err'],
  ];
  return given.find((value): value is Error => value instanceof Error);
}

function describe(info: Info, { scope, error }: Written): LogRecord {
  const { message } = info;
  const exception = describeException(error);
  // winston copies the fields of an error beside it, and the trace.
  const isKnown = (name: string): boolean => error !== undefined && (name === 'stack' || info[name] === error);
  const leftOut = ['level', 'message', ...Object.keys(info).filter(isKnown)];
  const fields = info as Readonly<Record<string, unknown>>;
  return {
    body: message instanceof Error ? message.message : message,
    attributes: { ...lineAttributes({ fields, leftOut }, scope), ...exception?.attributes },
  };
}
