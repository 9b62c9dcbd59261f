/**
 * The official instrumentation of fastify.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads fastify.
 */
import { FastifyOtelInstrumentation } from '@fastify/otel';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it so that it registers itself with each server: fastify announces those on a diagnostics channel. */
export function create(): InstrumentationPart {
  return new FastifyOtelInstrumentation({ registerOnInitialization: true });
}
