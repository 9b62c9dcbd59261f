/**
 * Reads a header variable of OTLP and reports what was repaired, looks wrong or had to be left out.
 *
 * Layer: config.
 */
import { parseHeaders } from './headers.ts';
import { type Reader, repaired } from './reader.ts';
import type { Variable } from './variable.ts';

/** Headers of one variable by lower-case name; none when it is unset. */
export function readHeaders(reader: Reader, variable: Variable<string>): Readonly<Record<string, string>> {
  const text = reader.given(variable);
  if (text === undefined) return {};
  const { headers, repairs, mistakes, rejected } = parseHeaders(text);
  if (repairs.length > 0) reader.report(repaired(variable, [...new Set(repairs)]));
  if (mistakes.length > 0) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_CREDENTIAL',
      message: `${variable.name}: ${mistakes.join('; ')}. Set Authorization=Basic%20<base64 of user:token>.`,
    });
  }
  if (rejected.length > 0) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_INVALID',
      message: `${variable.name} (value not shown): ${rejected.join('; ')}; the other pairs are in force. Set name=value pairs separated by commas.`,
    });
  }
  return headers;
}
