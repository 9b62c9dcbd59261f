/**
 * The official instrumentation of Nest.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads Nest.
 */
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new NestInstrumentation();
}
