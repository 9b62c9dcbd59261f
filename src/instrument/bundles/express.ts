/**
 * The official instrumentation of express.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads express.
 */
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new ExpressInstrumentation();
}
