/**
 * The official instrumentation of pino for the ids in its lines, and ours for its log records.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads pino.
 */
import type { LoggerProvider } from '@opentelemetry/api';
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import type { InstrumentationPart } from '../instrumentation-part.ts';
import { LoggerPart } from '../logs/logger-part.ts';
import { patchPino } from '../logs/pino-lines.ts';

/** Makes it as `DUOTEL_LOGS` wants it. */
export function create(): InstrumentationPart {
  return new PinoLines();
}

class PinoLines extends PinoInstrumentation {
  readonly #part = new LoggerPart(this);

  override setLoggerProvider(provider: LoggerProvider): void {
    this.#part.source.connect(provider);
  }

  /** Called by the constructor above, before there is a part; patches run later. */
  protected override init(): ReturnType<PinoInstrumentation['init']> {
    const definitions = super.init();
    patchPino(definitions, () => this.#part);
    return definitions;
  }
}
