/** An attribute value or a log body as a person reads it; nothing for one that is absent. */
import type { ReceivedValue } from '../../src/testing.ts';

export function textOf(value: ReceivedValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
