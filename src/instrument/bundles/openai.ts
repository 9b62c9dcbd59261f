/**
 * The official instrumentation of openai.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads openai.
 */
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new OpenAIInstrumentation();
}
