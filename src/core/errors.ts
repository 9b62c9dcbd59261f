/**
 * The error type of this package, for the few places that return or throw one.
 *
 * Match on `code`, not on `instanceof`: two copies of the package may be loaded.
 * Layer: core.
 */
import type { NoticeCode } from './notice-codes.ts';

/** An error with a stable code from the notice table. */
export class TelemetryError extends Error {
  readonly code: NoticeCode;
  override readonly name: string = 'TelemetryError';

  constructor(code: NoticeCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
