/**
 * Texts for people, on stderr and in `status()`, without secrets.
 *
 * Always on: whoever switches redaction off wants whole data in a back end, not passwords on a console.
 * Layer: core. Loaded with the first line.
 */
import { isSecretKey } from './secret-keys.ts';
import { replaceSecrets } from './secret-text.ts';

/** What stands for a value that must not be seen. */
const SECRET = '[secret]';

const RULES = { isSecretKey, findsEMails: false, replacement: () => SECRET } as const;

/** The text without anything that looks like a secret. */
export function withoutSecrets(text: string): string {
  return replaceSecrets(text, RULES);
}
