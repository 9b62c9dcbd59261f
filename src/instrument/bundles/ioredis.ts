/**
 * The official instrumentation of ioredis.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads ioredis.
 */
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new IORedisInstrumentation();
}
