/**
 * The official instrumentation of pg.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads pg.
 */
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new PgInstrumentation();
}
