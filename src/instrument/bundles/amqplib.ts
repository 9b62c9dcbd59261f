/**
 * The official instrumentation of amqplib.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads amqplib.
 */
import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new AmqplibInstrumentation();
}
