/**
 * Lines of pino as log records.
 *
 * A record is made of the finished line, so that redaction, serializers, formatters and bindings of children hold for it
 * too; that is where the line is made, on the thread of the application, whether a worker writes it or not. Streams
 * and transports are left alone.
 * Layer: instrument. Uses `pino.symbols`, which pino exports for tools, as the official instrumentation does.
 */
import { context, type Context, type LogRecord, SeverityNumber } from '@opentelemetry/api';
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

  constructor(part: LoggerPart, root: PinoLogger, symbols: Symbols) {
    this.#part = part;
    this.#root = root;
    this.#symbols = symbols;
  }

  attach(): void {
    this.#addRequestId();
    this.#tapLines();
    this.#markWrites();
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
    const tap = (logger: PinoLogger, level: number, line: string): void => this.#export(logger, level, line);
    if (typeof streamWrite !== 'function') {
      this.#replace('asJsonSym', function toJsonAndRecord(...args) {
        const line = toJson.apply(this, args);
        tap(this, args[2], line);
        return line;
      } satisfies ToJson);
      return;
    }
    // What leaves is what the hook makes of the line; people redact there.
    let made: { readonly logger: PinoLogger; readonly level: number } | undefined;
    this.#replace('asJsonSym', function toJsonAndRemember(...args) {
      made = { logger: this, level: args[2] };
      return toJson.apply(this, args);
    } satisfies ToJson);
    this.#replace('hooksSym', {
      ...hooks,
      streamWrite: (line: string) => {
        const hooked = streamWrite(line);
        if (made !== undefined) tap(made.logger, made.level, hooked);
        return hooked;
      },
    });
  }

  /** A stream of the user may print with the console. */
  #markWrites(): void {
    const write = this.#own('writeSym') as Write;
    this.#replace('writeSym', function writeMarked(...args) {
      return writeLine(() => write.apply(this, args));
    } satisfies Write);
  }

  #export(logger: PinoLogger, level: number, line: string): void {
    if (!this.#part.exports) return;
    const scope = context.active();
    const severityNumber = guard('logs.pino', () => this.#scaleOf(logger)(level), SeverityNumber.UNSPECIFIED);
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
