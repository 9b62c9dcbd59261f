/**
 * Whether a version is in one of the ranges of the table: `>=4.0.0 <6`, `^3.1.0`.
 *
 * Layer: instrument. Only what the table needs; the instrumentations check again with the whole of semver.
 */

type Version = readonly [number, number, number];

/** Pre-releases are in no range, as in semver. */
export function isInRange(version: string, ranges: readonly string[]): boolean {
  if (version.split('+')[0]?.includes('-') !== false) return false;
  const parsed = parseVersion(version);
  return ranges.some((range) => range.split(' ').every((comparator) => satisfies(parsed, comparator)));
}

function satisfies(version: Version, comparator: string): boolean {
  const [, operator = '', text = ''] = /^(>=|<|\^)(.+)$/.exec(comparator) ?? [];
  const bound = parseVersion(text);
  const order = compare(version, bound);
  if (operator === '<') return order < 0;
  return order >= 0 && (operator === '>=' || version[0] === bound[0]);
}

function parseVersion(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return [major, minor, patch];
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
