/**
 * The official instrumentation of winston.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads winston.
 */
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new WinstonInstrumentation();
}
