/**
 * The official instrumentation of bunyan for the ids in its lines, and ours for its log records.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads bunyan.
 */
import type { LoggerProvider } from '@opentelemetry/api';
import { BunyanInstrumentation } from '@opentelemetry/instrumentation-bunyan';
import type { InstrumentationPart } from '../instrumentation-part.ts';
import { LoggerPart } from '../logs/logger-part.ts';
import { patchBunyan } from '../logs/bunyan-lines.ts';

/** Makes it as `DUOTEL_LOGS` wants it. */
export function create(): InstrumentationPart {
  return new BunyanLines();
}

class BunyanLines extends BunyanInstrumentation {
  readonly #part = new LoggerPart(this);

  override setLoggerProvider(provider: LoggerProvider): void {
    this.#part.source.connect(provider);
  }

  /** Called by the constructor above, before there is a part; patches run later. */
  protected override init(): ReturnType<BunyanInstrumentation['init']> {
    const definitions = super.init();
    patchBunyan(definitions, () => this.#part);
    return definitions;
  }
}
