/**
 * The official instrumentation of winston for the ids in its lines, and ours for its log records.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads winston.
 */
import type { LoggerProvider } from '@opentelemetry/api';
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';
import type { InstrumentationPart } from '../instrumentation-part.ts';
import { LoggerPart } from '../logs/logger-part.ts';
import { patchWinston } from '../logs/winston-lines.ts';

/** Makes it as `DUOTEL_LOGS` wants it. */
export function create(): InstrumentationPart {
  return new WinstonLines();
}

class WinstonLines extends WinstonInstrumentation {
  readonly #part = new LoggerPart(this);

  override setLoggerProvider(provider: LoggerProvider): void {
    this.#part.source.connect(provider);
  }

  /** Called by the constructor above, before there is a part; patches run later. */
  protected override init(): ReturnType<WinstonInstrumentation['init']> {
    const definitions = super.init();
    patchWinston(definitions, () => this.#part);
    return definitions;
  }
}
