/**
 * Percent-decoding that never throws.
 *
 * Layer: config.
 */

/** Decoded text; `broken` when there was something that is no escape, then the text is as it was. */
export interface Decoded {
  readonly text: string;
  readonly broken: boolean;
}

/** Decodes `%XX` escapes of UTF-8 (RFC 3986). */
export function decodePercent(text: string): Decoded {
  if (!text.includes('%')) return { text, broken: false };
  try {
    return { text: decodeURIComponent(text), broken: false };
  } catch {
    return { text, broken: true };
  }
}
