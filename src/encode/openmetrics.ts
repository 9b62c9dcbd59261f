/**
 * What is different in OpenMetrics: families without the suffix of their samples, units, exemplars, the end.
 *
 * OpenMetrics forbids what the text format allows: two families whose names differ by a suffix, counters that are no
 * counts. Such a family is written as `unknown`, whose samples have the same names and values.
 * `_created` series are left out: Prometheus takes each for a series of its own, which doubles most counters.
 * Layer: encode. Source: OpenMetrics 1.0.
 */
import type { Families, Family } from './text-families.ts';

/** Last line of a page. */
export const OPENMETRICS_END = '# EOF\n';

/** How a family is announced. */
export interface OpenMetricsShape {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
}

/** Decides for every family of a page how it is announced; `undefined` for one that cannot stand beside another. */
export function shapeOpenMetrics({ all, sampleNames }: Families): Map<Family, OpenMetricsShape | undefined> {
  const taken = new Set(sampleNames);
  // A histogram may have a sample of that name, so that nothing else can be called so.
  const created = new Set(all.filter(({ type }) => type === 'histogram').map(({ name }) => `${name}_created`));
  for (const name of created) taken.add(name);
  const claim = (names: readonly string[]): boolean => {
    if (names.some((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  };
  return new Map(all.map((family) => [family, created.has(family.name) ? undefined : shapeOf(family, claim)]));
}

function shapeOf(family: Family, claim: (names: readonly string[]) => boolean): OpenMetricsShape {
  const { name, type, isCounting } = family;
  if (type === 'counter') {
    const base = withoutSuffix(name, '_total');
    if (base === undefined || !isCounting || !claim([base, `${base}_created`]))
      return announce(family, name, 'unknown');
    return announce(family, base, 'counter');
  }
  if (type === 'info') {
    const base = withoutSuffix(name, '_info');
    return base !== undefined && claim([base]) ? announce(family, base, 'info') : announce(family, name, 'gauge');
  }
  return announce(family, name, type);
}

function announce({ unit }: Family, name: string, type: string): OpenMetricsShape {
  return { name, type, unit: unit !== '' && name.endsWith(`_${unit}`) && !/[\s\0"\\]/.test(unit) ? unit : '' };
}

function withoutSuffix(name: string, suffix: string): string | undefined {
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : undefined;
}
