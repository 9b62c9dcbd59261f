/**
 * The official instrumentation of bunyan.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads bunyan.
 */
import { BunyanInstrumentation } from '@opentelemetry/instrumentation-bunyan';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new BunyanInstrumentation();
}
