/**
 * The official instrumentation of koa.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads koa.
 */
import { KoaInstrumentation } from '@opentelemetry/instrumentation-koa';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new KoaInstrumentation();
}
