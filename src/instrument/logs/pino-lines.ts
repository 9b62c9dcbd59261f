/**
 * Lines of pino as log records.
 *
 * A record is made of the finished line, so that redaction, serializers, formatters and bindings of children hold for it
 * too; that is where the line is made, on the thread of the application, whether a worker writes it or not. Streams
 * and transports are left alone.
 * Layer: instrument. Uses `pino.symbols`, which pino exports for tools, as the official instrumentation does.
 */
import { context, type Context, type LogRecord, type SeverityNumber } from '@opentelemetry/api';
import { degrade, guard } from '../../core/guard.ts';
import { lineAttributes } from './line-attributes.ts';
import { type Definition, extendPatch, type LoggerPart, type Patch } from './logger-part.ts';
import { writeLine } from './own-lines.ts';
import { createScale, type Scale } from './severity.ts';

/** A logger and its children, which inherit from it. */
interface PinoLogger {
  readonly levels: {
    readonly labels: Readonly<Record<number, string>>;
    readonly values: Readonly<Record<string, number>>;
  };
  [symbol: symbol]: unknown;
}

type Symbols = Readonly<Record<string, symbol>>;

interface Pino {
  (...args: unknown[]): PinoLogger;
  readonly symbols: Symbols;
  pino?: unknown;
  default?: unknown;
}

type ToJson = (this: PinoLogger, ...args: [fields: object, message: unknown, level: number, time: string]) => string;
type Write = (this: PinoLogger, fields: unknown, message: unknown, level: number) => void;
type Mixin = (fields: object, level: number, logger: PinoLogger) => object;
type WriteHook = (line: string) => string;

/** The line that is being written. */
interface Writing {
  readonly logger: PinoLogger;
  readonly level: number;
}

/** Lets the loggers that are made from now on export their lines. */
export function patchPino(definitions: readonly Definition[], part: () => LoggerPart): void {
  for (const definition of definitions)
    definition.patch = extendPatch(definition.patch as Patch, (pino: Pino) => wrapPino(pino, part()));
}

function wrapPino(pino: Pino, part: LoggerPart): Pino {
  const wrapped = Object.assign((...args: unknown[]): PinoLogger => {
    const logger = pino(...args);
    guard('logs.pino', () => new PinoLines(part, logger, pino.symbols).attach(), undefined);
    return logger;
  }, pino);
  if (typeof pino.pino === 'function') wrapped.pino = wrapped;
  if (typeof pino.default === 'function') wrapped.default = wrapped;
  return wrapped;
}

/** The lines of one logger and all its children. */
class PinoLines {
  readonly #part: LoggerPart;
  readonly #root: PinoLogger;
  readonly #symbols: Symbols;
  readonly #scales = new WeakMap<object, Scale>();
  #writing: Writing | undefined;

  constructor(part: LoggerPart, root: PinoLogger, symbols: Symbols) {
    this.#part = part;
    this.#root = root;
    this.#symbols = symbols;
  }

  attach(): void {
    this.#addRequestId();
    this.#tapLines();
    this.#watchWrites();
  }

  #own(name: string): unknown {
    return this.#root[this.#symbols[name] as symbol];
  }

  #replace(name: string, value: unknown): void {
    this.#root[this.#symbols[name] as symbol] = value;
  }

  /** The official mixin gives ids to lines inside a span only; requests that are ignored have none. */
  #addRequestId(): void {
    const mixin = this.#own('mixinSym') as Mixin;
    const part = this.#part;
    this.#replace('mixinSym', (...args: Parameters<Mixin>): object => {
      const fields = mixin(...args);
      guard('logs.pino', () => part.addRequestId(fields, context.active()), undefined);
      return fields;
    });
  }

  #tapLines(): void {
    const toJson = this.#own('asJsonSym') as ToJson;
    const hooks = (this.#own('hooksSym') ?? {}) as { readonly streamWrite?: WriteHook };
    const { streamWrite } = hooks;
    const tap = (line: string): void => guard('logs.pino', () => this.#export(line), undefined);
    if (typeof streamWrite !== 'function') {
      this.#replace('asJsonSym', function toJsonAndRecord(...args) {
        const line = toJson.apply(this, args);
        tap(line);
        return line;
      } satisfies ToJson);
      return;
    }
    // What leaves is what the hook makes of the line; people redact there.
    const writeAndRecord: WriteHook = (line) => {
      const hooked = streamWrite(line);
      tap(hooked);
      return hooked;
    };
    this.#replace('hooksSym', { ...hooks, streamWrite: writeAndRecord });
  }

  /** Notes who writes, at which level. A serializer may log while it is at work; a stream of the user may use the console. */
  #watchWrites(): void {
    const write = this.#own('writeSym') as Write;
    const within = (writing: Writing, work: () => void): void => this.#within(writing, work);
    this.#replace('writeSym', function writeWatched(...args) {
      within({ logger: this, level: args[2] }, () => write.apply(this, args));
    } satisfies Write);
  }

  #within(writing: Writing, work: () => void): void {
    const before = this.#writing;
    this.#writing = writing;
    try {
      writeLine(work);
    } finally {
      this.#writing = before;
    }
  }

  #export(line: string): void {
    if (!this.#part.exports || this.#writing === undefined) return;
    const { logger, level } = this.#writing;
    const scope = context.active();
    const severityNumber = this.#scaleOf(logger)(level);
    if (this.#part.source.wants(severityNumber, scope))
      this.#part.source.emit(scope, () => this.#describe(logger, level, line, { scope, severityNumber }));
  }

  #scaleOf({ levels }: PinoLogger): Scale {
    let scale = this.#scales.get(levels);
    if (scale === undefined) this.#scales.set(levels, (scale = createScale(Object.entries(levels.values))));
    return scale;
  }

  #describe(logger: PinoLogger, level: number, line: string, { scope, severityNumber }: Severe): LogRecord {
    const severityText = logger.levels.labels[level] ?? String(level);
    const fields = parseLine(line);
    if (fields === undefined) return { body: line.trimEnd(), severityNumber, severityText };
    const messageKey = logger[this.#symbols['messageKeySym'] as symbol] as string;
    const error = (logger[this.#symbols['errorKeySym'] as symbol] as string | undefined) ?? 'err';
    const timestamp = timeOf(fields['time']);
    const leftOut = [messageKey, 'level', 'pid', 'hostname', ...(timestamp === undefined ? [] : ['time'])];
    return {
      body: fields[messageKey],
      severityNumber,
      severityText,
      ...(timestamp !== undefined && { timestamp }),
      attributes: lineAttributes({ fields, leftOut, error }, scope),
    };
  }
}

interface Severe {
  readonly scope: Context;
  readonly severityNumber: SeverityNumber;
}

/** A write hook may have made anything of it. */
function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const fields: unknown = JSON.parse(line);
    if (typeof fields === 'object' && fields !== null) return fields as Record<string, unknown>;
  } catch (cause) {
    degrade('logs.pino', cause);
  }
  return undefined;
}

/** Any later time in seconds is below, any time in milliseconds since 1973 above. */
const SECONDS_BELOW = 1e11;

/** Milliseconds since the epoch of any of pino's forms of time. */
function timeOf(time: unknown): number | undefined {
  const millis = typeof time === 'number' ? (time < SECONDS_BELOW ? time * 1000 : time) : Date.parse(String(time));
  return Number.isFinite(millis) ? millis : undefined;
}
