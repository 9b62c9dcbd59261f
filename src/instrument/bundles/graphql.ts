/**
 * The official instrumentation of graphql.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads graphql.
 */
import { GraphQLInstrumentation } from '@opentelemetry/instrumentation-graphql';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new GraphQLInstrumentation();
}
