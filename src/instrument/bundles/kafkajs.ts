/**
 * The official instrumentation of kafkajs.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads kafkajs.
 */
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new KafkaJsInstrumentation();
}
