/**
 * Secrets among the attributes of a measurement, taken out before there is a series for them.
 *
 * Here and not only where series are encoded: series that differ in nothing but a secret become one, and each costs
 * its redaction once in its life.
 * Layer: metrics. Loaded with the first series.
 */
import { currentRedactor } from '../encode/redact.ts';
import { redactValue } from '../encode/redact-label.ts';
import type { AttributeScan } from './attribute-scan.ts';
import type { AttributeValue } from './attributes.ts';

/** Replaces the secrets; whether there were any. Never throws. */
export function redactScan(scan: AttributeScan): boolean {
  const redactor = currentRedactor();
  if (redactor === undefined) return false;
  let isRedacted = false;
  for (let index = 0; index < scan.size; index += 1) {
    const value = scan.values[index] as AttributeValue;
    const redacted = redactValue(redactor, scan.keys[index] as string, value) as AttributeValue;
    if (redacted === value) continue;
    scan.replace(index, redacted);
    isRedacted = true;
  }
  return isRedacted;
}
