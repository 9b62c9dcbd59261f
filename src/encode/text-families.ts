/**
 * What stands on a page, before it is written: families of series by Prometheus name.
 *
 * A scraper throws a whole page away for one bad line. Therefore series that become equal by translation are merged, a
 * metric whose name contradicts an earlier one is left out, and everything is checked here, so that writing cannot fail.
 * Layer: encode.
 */
import { DataPointType, type MetricData, type ResourceMetrics, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import { addHistograms, type ClassicHistogram, toClassicHistogram } from './classic-histogram.ts';
import { nameKindOf } from './name-kind.ts';
import type { Namer } from './names.ts';
import type { LabelRenderer } from './text-labels.ts';

/** One series. */
export interface Row {
  readonly value: number | ClassicHistogram;
  /** As the snapshot has them; checked when they are written. */
  readonly exemplars: readonly unknown[] | undefined;
}

/** All series of one name; rows by rendered labels. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly help: string;
  /** Word for the unit; empty for none. */
  readonly unit: string;
  readonly rows: Map<string, Row>;
  /** Whether all values are 0 or above, as those of a counter should be. */
  isCounting: boolean;
}

/** Everything on one page. */
export interface Families {
  readonly all: readonly Family[];
  /** Names of all samples. */
  readonly sampleNames: ReadonlySet<string>;
}

/** How things are named on a page. */
export interface PageRules {
  readonly namer: Namer;
  /** A metric name as the scraper can read it. */
  readonly escape: (name: string) => string;
  readonly labels: LabelRenderer;
  /** Name of the label for an attribute key; empty for none. */
  readonly labelName: (key: string) => string;
  /** Value of the label for an attribute; empty for none. */
  readonly labelValue: (key: string, value: unknown) => string;
  /** Labels of a scope, rendered; empty where scopes are not shown. */
  readonly scopeLabels: (scope: ScopeMetrics['scope']) => string;
  /** Tells, once for each name, that series were merged or left out. */
  readonly tell: (site: 'scrape.metric' | 'scrape.merged', name: string, message: string) => void;
}

/** Series between two yields. */
const ROWS_PER_STEP = 128;

/** Gathers a snapshot in steps. The order depends on the order of instruments and series only. */
export function* gatherFamilies(metrics: ResourceMetrics, rules: PageRules): Generator<void, Families> {
  const page = new PageNames();
  const target = page.claim({ name: rules.escape('target_info'), type: 'info', help: 'Target metadata', unit: '' });
  target?.rows.set(rules.labels.series(metrics.resource.attributes), { value: 1, exemplars: undefined });
  for (const { scope, metrics: scopeMetrics } of inScopeOrder(metrics.scopeMetrics)) {
    const scopeLabels = rules.scopeLabels(scope);
    for (const metric of scopeMetrics) {
      try {
        const family = claimFamily(page, metric, rules);
        if (family !== undefined) yield* addPoints(family, metric, { rules, scopeLabels });
      } catch (cause) {
        degrade('scrape.metric', cause);
      }
    }
  }
  return { all: page.families(), sampleNames: page.sampleNames() };
}

/** Scopes come in the order in which their callbacks answered; pages, and which metric is first, must not depend on it. */
function inScopeOrder(scopes: readonly ScopeMetrics[]): ScopeMetrics[] {
  const id = ({ scope }: ScopeMetrics): string => `${scope.name}\n${scope.version ?? ''}\n${scope.schemaUrl ?? ''}`;
  return [...scopes].sort((a, b) => (id(a) < id(b) ? -1 : Number(id(a) > id(b))));
}

type Claim = Pick<Family, 'name' | 'type' | 'help' | 'unit'>;

/** Names taken on one page. */
class PageNames {
  readonly #families = new Map<string, Family>();
  /** Which family each sample name belongs to: a gauge `x_count` cannot stand beside a histogram `x`. */
  readonly #owners = new Map<string, string>();

  /** The family of that name, made if nothing stands against it; `undefined` if its samples would be another's. */
  claim(claim: Claim): Family | undefined {
    const known = this.#families.get(claim.name);
    if (known !== undefined) return known.type === claim.type ? known : undefined;
    const { name } = claim;
    const samples = claim.type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    if (samples.some((sample) => this.#owners.has(sample))) return undefined;
    for (const sample of samples) this.#owners.set(sample, name);
    const family: Family = { ...claim, rows: new Map(), isCounting: true };
    this.#families.set(name, family);
    return family;
  }

  families(): Family[] {
    return [...this.#families.values()].filter(({ rows }) => rows.size > 0);
  }

  sampleNames(): Set<string> {
    return new Set(this.#owners.keys());
  }
}

function claimFamily(
  page: PageNames,
  metric: MetricData,
  { namer, escape, labelValue, tell }: PageRules,
): Family | undefined {
  const { name, unit, description } = metric.descriptor;
  const kind = nameKindOf(metric);
  const type = kind === 'updown' ? 'gauge' : kind;
  const translated = namer.metricName({ name, unit, kind });
  const claim = {
    name: escape(translated ?? ''),
    type,
    help: typeof description === 'string' ? labelValue('', description) : '',
    unit: namer.unitWord(unit),
  } as const;
  const family = claim.name === '' ? undefined : page.claim(claim);
  if (family === undefined)
    tell('scrape.metric', name, `"${name}" as ${type} "${claim.name}" cannot stand on the page`);
  return family;
}

interface Adding {
  readonly rules: PageRules;
  readonly scopeLabels: string;
}

type Point = MetricData['dataPoints'][number] & { readonly exemplars?: readonly unknown[] };

function* addPoints(family: Family, metric: MetricData, { rules, scopeLabels }: Adding): Generator<void, void> {
  const { rows } = family;
  const { unit } = metric.descriptor;
  const isGauge = metric.dataPointType === DataPointType.GAUGE;
  const isHistogram = family.type === 'histogram';
  let left = ROWS_PER_STEP;
  for (const { attributes, value: given, exemplars } of metric.dataPoints as readonly Point[]) {
    const own = isHistogram ? rules.labels.histogram(attributes) : rules.labels.series(attributes);
    const labels = scopeLabels === '' ? own : joinLabels(scopeLabels, own);
    const value = isHistogram ? toClassicHistogram(given as never, unit) : asNumber(given);
    if (!isHistogram && !((value as number) >= 0)) family.isCounting = false;
    const earlier = rows.get(labels);
    const row = { value, exemplars: Array.isArray(exemplars) ? exemplars : undefined };
    if (earlier !== undefined) rules.tell('scrape.merged', family.name, `series of "${family.name}" became equal`);
    rows.set(labels, earlier === undefined || isGauge ? row : addRows(earlier, row));
    if ((left -= 1) === 0) {
      left = ROWS_PER_STEP;
      yield;
    }
  }
}

function joinLabels(first: string, second: string): string {
  return second === '' ? first : `${first},${second}`;
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('a value that is no number');
  return value;
}

function addRows(earlier: Row, row: Row): Row {
  const value =
    typeof earlier.value === 'object'
      ? addHistograms(earlier.value, row.value as ClassicHistogram)
      : earlier.value + (row.value as number);
  return { value, exemplars: [...(earlier.exemplars ?? []), ...(row.exemplars ?? [])] };
}
