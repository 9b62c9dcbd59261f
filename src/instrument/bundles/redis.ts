/**
 * The official instrumentation of redis.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads redis.
 */
import { RedisInstrumentation } from '@opentelemetry/instrumentation-redis';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new RedisInstrumentation();
}
