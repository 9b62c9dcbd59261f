/**
 * The official instrumentation of the AWS SDK.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads the AWS SDK.
 */
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import type { InstrumentationPart } from '../instrumentation-part.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new AwsInstrumentation();
}
