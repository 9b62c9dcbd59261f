/**
 * The official instrumentation of pino.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads pino.
 */
import { PinoInstrumentation } from '@opentelemetry/instrumentation-pino';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new PinoInstrumentation();
}
