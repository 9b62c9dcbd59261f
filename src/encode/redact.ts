/**
 * The redactor of all signals: what is written in place of a secret, wherever text of the application is encoded.
 *
 * One for the process, set when telemetry starts and on by default, so that nothing is encoded before anybody thought
 * of privacy. Layer: encode. Read docs/guides/privacy.md for what counts as a secret.
 */
import { degrade } from '../core/guard.ts';
import { isSecretKey, wordsOf } from '../core/redaction/secret-keys.ts';
import { replaceSecrets, type SecretKind, type TextRules } from '../core/redaction/secret-text.ts';
import type { RedactionConfig } from '../config/config.ts';
import { replacePatterns } from './redact-pattern.ts';
import { redactSql } from './redact-sql.ts';
import { countRedaction, redactionInForce } from './redaction.ts';

/** Stands for the value of a secret key. */
export const REDACTED = '[redacted]';

/** Stands for a part of an address, by the semantic conventions, `url.full`. */
const REDACTED_IN_URL = 'REDACTED';

/** How values under a key are treated. */
export type Treatment = 'scan' | 'secret' | 'sql' | 'query' | 'keep';

/** Decides about keys and texts. */
export interface Redactor {
  /** Of a key; always the same for the same. Never throws. */
  treatment(key: string): Treatment;
  /** The text as it may leave the process. Never throws. */
  text(treatment: Treatment, key: string, text: string): string;
  /** What stands for a value of any kind under a secret key. */
  secret(): string;
}

/** Attributes with statements of databases. Source: semantic conventions, "Database"; the older name in second place. */
const SQL_KEYS: ReadonlySet<string> = new Set(['db.query.text', 'db.statement']);

/** Attributes with the query of an address, without the `?` that tells parameters from other assignments. */
const QUERY_KEYS: ReadonlySet<string> = new Set(['url.query', 'query_string', 'http.query']);

function replacement(kind: SecretKind): string {
  countRedaction(kind);
  if (kind === 'named') return REDACTED;
  return kind === 'url' ? REDACTED_IN_URL : `[redacted:${kind}]`;
}

/** A redactor by configuration; `undefined` for mode `off`. */
export function createRedactor(config: RedactionConfig): Redactor | undefined {
  if (config.mode === 'off') return undefined;
  const isSecret = secretKeyTest(config);
  const rules: TextRules = { isSecretKey: isSecret, findsEMails: config.mode === 'strict', replacement };
  const scan = (text: string): string => {
    const clean = replaceSecrets(text, rules);
    if (config.patterns.length === 0) return clean;
    return replacePatterns(clean, config.patterns, () => countRedaction('pattern'));
  };
  return {
    treatment(key) {
      if (config.keptKeys.includes(key)) return 'keep';
      if (isSecret(key)) return 'secret';
      if (SQL_KEYS.has(key)) return 'sql';
      return QUERY_KEYS.has(key) ? 'query' : 'scan';
    },
    text(treatment, key, text) {
      const clean = byTreatment(treatment, text);
      return config.replace === undefined ? clean : byUser(config.replace, key, clean);
    },
    secret() {
      countRedaction('named');
      return REDACTED;
    },
  };

  function byTreatment(treatment: Treatment, text: string): string {
    switch (treatment) {
      case 'keep':
        return text;
      case 'secret':
        // What an earlier place has replaced is not counted again.
        if (text === '' || text === REDACTED) return text;
        countRedaction('named');
        return REDACTED;
      case 'sql':
        return scan(redactSql(text, () => countRedaction('sql')));
      case 'query':
        return text.startsWith('?') ? scan(text) : scan(`?${text}`).slice(1);
      default:
        return scan(text);
    }
  }
}

/** A rule of the user's that fails must not let a secret through: nothing of the text is left then. */
function byUser(replace: NonNullable<RedactionConfig['replace']>, key: string, text: string): string {
  try {
    const replaced: unknown = replace(key, text);
    if (typeof replaced !== 'string') throw new TypeError('the function redact.replace returned no text');
    if (replaced !== text) countRedaction('function');
    return replaced;
  } catch (cause) {
    degrade('redact.replace', cause);
    return REDACTED;
  }
}

/** Keys of the table and of the user, whose words may stand anywhere in a key, but for those that are kept. */
function secretKeyTest({ keys, keptKeys }: RedactionConfig): (key: string) => boolean {
  if (keys.length === 0 && keptKeys.length === 0) return isSecretKey;
  const phrases = keys.map((key) => ` ${wordsOf(key).join(' ')} `);
  return (key) => {
    if (keptKeys.includes(key)) return false;
    if (isSecretKey(key)) return true;
    if (phrases.length === 0) return false;
    const words = ` ${wordsOf(key).join(' ')} `;
    return phrases.some((phrase) => words.includes(phrase));
  };
}

let current: Redactor | undefined;
let currentConfig: RedactionConfig | undefined;

/** The redactor in force; `undefined` when redaction is off. */
export function currentRedactor(): Redactor | undefined {
  const config = redactionInForce();
  if (config !== currentConfig) {
    currentConfig = config;
    current = createRedactor(config);
  }
  return current;
}

/**
 * A text as it may leave the process.
 *
 * @param key - name the text stands under, if it has one: under `password` nothing of it is left
 */
export function redactText(text: string, key = ''): string {
  const redactor = currentRedactor();
  return redactor === undefined ? text : redactor.text(redactor.treatment(key), key, text);
}
