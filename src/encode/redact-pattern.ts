/**
 * Patterns of the user's: `acme_live_*`, `EMP-######`. Fixed text, `#` for a digit, `*` for the rest of a word.
 *
 * Not regular expressions: those of a configuration can take years for a text of some hundred characters.
 * Layer: encode.
 */
import { isCredentialCharacter, isDigit } from '../core/redaction/characters.ts';

const REPLACEMENT = '[redacted:pattern]';

/** Finds everything a pattern begins with; -1 where the rest does not follow. */
function patternEnd(text: string, from: number, pattern: string): number {
  let at = from;
  for (const part of pattern) {
    if (part === '*') {
      while (isCredentialCharacter(text, at)) at += 1;
    } else if (part === '#' ? isDigit(text, at) : text[at] === part) at += 1;
    else return -1;
  }
  return at;
}

/** The text without what matches one of the patterns, which {@link RedactionConfig} has checked. */
export function replacePatterns(text: string, patterns: readonly string[], onFound: () => void): string {
  return patterns.reduce((rest, pattern) => replacePattern(rest, pattern, onFound), text);
}

function replacePattern(text: string, pattern: string, onFound: () => void): string {
  const start = pattern.split(/[*#]/, 1)[0] as string;
  let result = '';
  let copied = 0;
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, Math.max(at + 1, copied))) {
    const end = patternEnd(text, at, pattern);
    if (end < 0) continue;
    result += text.slice(copied, at) + REPLACEMENT;
    copied = end;
    onFound();
  }
  return copied === 0 ? text : result + text.slice(copied);
}
