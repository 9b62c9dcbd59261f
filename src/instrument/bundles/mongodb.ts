/**
 * The official instrumentation of mongodb.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads mongodb.
 */
import { MongoDBInstrumentation } from '@opentelemetry/instrumentation-mongodb';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new MongoDBInstrumentation();
}
