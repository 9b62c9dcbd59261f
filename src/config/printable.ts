/**
 * Makes a configured value fit to be shown: no credentials, one line; bounded where it is part of a sentence.
 *
 * A token pasted into the wrong variable must not reach a log because that variable is not marked as secret.
 * Layer: config.
 */
import { createRequire } from 'node:module';
import type * as ShownText from '../core/redaction/shown-text.ts';

const load = createRequire(import.meta.url);

const MAX_LENGTH = 120;

/** What stands for a value that must not be seen. */
export const SECRET = '[secret]';

/** Beyond what is a secret anywhere: whatever follows a scheme, even the shortest token, long base64 or hex. */
const CREDENTIALS: readonly RegExp[] = [
  /(?<=\b(?:basic|bearer)(?:\s|%20|=|:){1,3})[^\s,;"'[]+/gi,
  /\b(?:glc|glsa|sntrys|sntryu)_[\w+/=.-]+/g,
  /[A-Za-z\d+]{32,}[\w+/=-]*/g,
];

/** The text on one line, without anything that looks like a credential. */
export function redacted(text: string): string {
  const { withoutSecrets } = load('../core/redaction/shown-text.ts') as typeof ShownText;
  return CREDENTIALS.reduce((rest, shape) => rest.replaceAll(shape, SECRET), withoutSecrets(text)).replaceAll(
    /\s+/g,
    ' ',
  );
}

/** The redacted text, short enough for a sentence. */
export function printable(text: string): string {
  const line = redacted(text);
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}
