/**
 * Names as a scraper can read them: escaped to legacy names, or in quotes.
 *
 * Matters only for translation strategies that keep other characters, and for the scheme `dots`.
 * Layer: encode. Source: Prometheus "Escaping schemes", `model.EscapeName` of prometheus/common 0.69.
 */
import type { EscapingScheme } from './text-format.ts';

/** Metric names that need no quotes. */
export const LEGACY_METRIC: RegExp = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** Label names that need no quotes. */
export const LEGACY_LABEL: RegExp = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * The name by `scheme`. What is legal already stays, but for underscores under `dots`.
 *
 * @param legacy - what names of this sort may look like
 */
export function escapeName(name: string, scheme: EscapingScheme, legacy: RegExp): string {
  if (scheme === 'allow-utf-8' || name === '') return name.toWellFormed();
  if (scheme !== 'dots' && legacy.test(name)) return name;
  const escaped = Array.from(name, (rune, index) =>
    escapeRune(rune, scheme, legacy.test(index === 0 ? rune : `a${rune}`)),
  );
  return (scheme === 'values' ? 'U__' : '') + escaped.join('');
}

function escapeRune(rune: string, scheme: EscapingScheme, isLegal: boolean): string {
  if (scheme === 'underscores') return isLegal ? rune : '_';
  if (rune === '_') return '__';
  if (isLegal) return rune;
  if (scheme === 'dots') return rune === '.' ? '_dot_' : '__';
  return rune.isWellFormed() ? `_${(rune.codePointAt(0) ?? 0).toString(16)}_` : '_FFFD_';
}
