/**
 * The official instrumentation of mysql2.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads mysql2.
 */
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new MySQL2Instrumentation();
}
