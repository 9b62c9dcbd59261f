/**
 * What leaves for Sentry in place of a payload.
 *
 * Layer: sentry.
 */

export function redact(payload: unknown): unknown {
  return payload;
}
