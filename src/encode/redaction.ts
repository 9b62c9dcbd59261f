/**
 * What counts as a secret in this process: settled when telemetry starts, read by the redactor when it is loaded.
 *
 * Apart from the redactor, which nothing needs before the first item is encoded. Layer: encode. Loaded at start-up.
 */
import type { RedactionConfig } from '../config/config.ts';

/** On before anybody has thought of it, and after telemetry has ended. */
let inForce: RedactionConfig = { mode: 'on', keys: [], keptKeys: [], patterns: [], replace: undefined };

/** Settles it from now on. */
export function useRedaction(config: RedactionConfig): void {
  inForce = config;
}

export function redactionInForce(): RedactionConfig {
  return inForce;
}
