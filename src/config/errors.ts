/**
 * Settles which errors are captured, and how many are sent.
 *
 * Layer: config.
 */
import type { ErrorsConfig } from './config.ts';
import type { Reader } from './reader.ts';
import { DUOTEL_ERRORS, DUOTEL_ERRORS_IGNORE, DUOTEL_ERRORS_PER_MINUTE } from './variables/errors.ts';

/** The errors; rules and hooks of the options are read where they are used. */
export function resolveErrors(reader: Reader): ErrorsConfig {
  return {
    capture: reader.value(DUOTEL_ERRORS),
    ignore: reader.value(DUOTEL_ERRORS_IGNORE),
    perMinute: reader.value(DUOTEL_ERRORS_PER_MINUTE),
  };
}
