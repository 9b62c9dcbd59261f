/**
 * Which format a scraper gets: Prometheus text or OpenMetrics, and how names beyond ASCII are written in it.
 *
 * Layer: encode. Source: Prometheus "Content negotiation" and "Escaping schemes"; OpenMetrics 1.0; RFC 9110 §12.5.1.
 */

/** How names that are no legacy names (letters, digits, `_`, `:`) reach a scraper. */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** Format of one page. */
export interface PageFormat {
  readonly syntax: 'text' | 'openmetrics';
  /** `0.0.4` or `1.0.0` of the text format; only the latter has quoted names. */
  readonly version: '0.0.4' | '1.0.0';
  readonly escaping: EscapingScheme;
  /** Value of the header; different for every two formats. */
  readonly contentType: string;
}

/** What everybody gets who asks for nothing we have. */
export const PLAIN_TEXT: PageFormat = createFormat('text', '0.0.4', undefined);

const SCHEMES: readonly string[] = ['allow-utf-8', 'underscores', 'dots', 'values'] satisfies EscapingScheme[];

/** Longest header that is looked at, in characters; real ones have 300. */
const MAX_ACCEPT_LENGTH = 2_000;

/**
 * Format for an `Accept` header: the first known one of the greatest weight, else text 0.0.4. Never refuses, because
 * every scraper reads text.
 */
export function negotiateFormat(accept: string | undefined): PageFormat {
  if (accept === undefined || accept.length > MAX_ACCEPT_LENGTH) return PLAIN_TEXT;
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map(parseRange)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const range of ranges) {
    const format = formatOf(range);
    if (format !== undefined) return format;
  }
  return PLAIN_TEXT;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
  readonly version: string | undefined;
  readonly escaping: EscapingScheme | undefined;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parts] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    parts.map((part) => {
      const [name = '', value = ''] = part.split('=', 2);
      return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')] as const;
    }),
  );
  const weight = Number(parameters.get('q') ?? 1);
  const escaping = parameters.get('escaping') ?? '';
  return {
    type,
    weight: weight >= 0 && weight <= 1 ? weight : 0,
    version: parameters.get('version'),
    escaping: SCHEMES.includes(escaping) ? (escaping as EscapingScheme) : undefined,
  };
}

function formatOf({ type, version, escaping }: MediaRange): PageFormat | undefined {
  if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0')) {
    return createFormat('openmetrics', '1.0.0', escaping);
  }
  if (type === 'text/plain' && version === '1.0.0') return createFormat('text', '1.0.0', escaping);
  const takesText = type === 'text/plain' && (version === undefined || version === '0.0.4');
  return takesText || type === 'text/*' || type === '*/*' ? createFormat('text', '0.0.4', escaping) : undefined;
}

/** A scraper that names no scheme knows none: it gets legacy names, and a header without the parameter. */
function createFormat(
  syntax: PageFormat['syntax'],
  version: PageFormat['version'],
  asked: EscapingScheme | undefined,
): PageFormat {
  // Text 0.0.4 has no syntax for other names, whatever was asked.
  const escaping = asked === undefined || (asked === 'allow-utf-8' && version === '0.0.4') ? 'underscores' : asked;
  const type = syntax === 'text' ? 'text/plain' : 'application/openmetrics-text';
  const parameter = asked === undefined ? '' : `; escaping=${escaping}`;
  return { syntax, version, escaping, contentType: `${type}; version=${version}; charset=utf-8${parameter}` };
}
