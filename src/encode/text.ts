/**
 * The Prometheus text page, format 0.0.4, of one metric snapshot.
 *
 * A scraper throws a whole page away for one bad line, so whatever an application puts into names, attributes and
 * values, the page must parse: names are translated, values escaped, series that become equal by that are merged, and
 * a metric whose name contradicts an earlier one is left out.
 * Layer: encode. Loaded at the first scrape. Source: Prometheus "Exposition formats"; OpenTelemetry specification,
 * "Prometheus and OpenMetrics Compatibility".
 */
import { DataPointType, type MetricData, type ResourceMetrics, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { degrade, guard } from '../core/guard.ts';
import { addHistograms, type ClassicHistogram, toClassicHistogram } from './classic-histogram.ts';
import { type NameKind, prometheusMetricName } from './names.ts';
import { createLabelRenderer, escapeText, formatNumber, type LabelRenderer } from './text-labels.ts';

/** Content type of the page. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type FamilyType = 'counter' | 'gauge' | 'histogram';

/** All series of one name; values by rendered labels. */
interface Family {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly series: Map<string, number | ClassicHistogram>;
}

/** Renders a page. The order of its lines depends on the order of instruments and series only. */
export function renderText(metrics: ResourceMetrics): string {
  const page = createPage();
  const renderLabels = createLabelRenderer();
  const target = page.claimFamily('target_info', 'gauge', 'Target metadata');
  target?.series.set(renderLabels(metrics.resource.attributes), 1);
  for (const { metrics: scopeMetrics } of inScopeOrder(metrics.scopeMetrics)) {
    for (const metric of scopeMetrics) {
      try {
        addMetric(page, metric, renderLabels);
      } catch (cause) {
        degrade('scrape.metric', cause);
      }
    }
  }
  return page
    .families()
    .map((family) => guard('scrape.metric', () => writeFamily(family), ''))
    .join('');
}

/** Scopes come in the order in which their callbacks answered; pages, and which metric is first, must not depend on it. */
function inScopeOrder(scopes: readonly ScopeMetrics[]): ScopeMetrics[] {
  const id = ({ scope }: ScopeMetrics): string => `${scope.name}\n${scope.version ?? ''}\n${scope.schemaUrl ?? ''}`;
  return [...scopes].sort((a, b) => (id(a) < id(b) ? -1 : Number(id(a) > id(b))));
}

interface Page {
  /** The family of that name, made if nothing stands against it; `undefined` if its samples would be another's. */
  claimFamily(name: string, type: FamilyType, help: string): Family | undefined;
  families(): Family[];
}

function createPage(): Page {
  const families = new Map<string, Family>();
  /** Which family each sample name belongs to: a gauge `x_count` cannot stand beside a histogram `x`. */
  const owners = new Map<string, string>();
  return {
    claimFamily(name, type, help) {
      const known = families.get(name);
      if (known !== undefined) return known.type === type ? known : undefined;
      const samples = type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
      if (samples.some((sample) => owners.has(sample))) return undefined;
      for (const sample of samples) owners.set(sample, name);
      const family: Family = { name, type, help, series: new Map() };
      families.set(name, family);
      return family;
    },
    families: () => [...families.values()],
  };
}

function addMetric(page: Page, metric: MetricData, renderLabels: LabelRenderer): void {
  const { name, unit, description } = metric.descriptor;
  const kind = kindOf(metric);
  const type = kind === 'updown' ? 'gauge' : kind;
  const translated = prometheusMetricName(name, unit, kind);
  const family = translated === undefined ? undefined : page.claimFamily(translated, type, description);
  if (family === undefined) {
    degrade('scrape.metric', new Error(`"${name}" as ${type} "${translated ?? ''}" cannot stand on the page`));
    return;
  }
  if (metric.dataPointType === DataPointType.SUM) {
    addNumbers(family, metric.dataPoints, renderLabels, (earlier, value) => earlier + value);
  } else if (metric.dataPointType === DataPointType.GAUGE) {
    addNumbers(family, metric.dataPoints, renderLabels, (_earlier, value) => value);
  } else {
    addHistogramPoints(family, metric, renderLabels);
  }
}

function kindOf(metric: MetricData): NameKind {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'updown';
    case DataPointType.GAUGE:
      return 'gauge';
    default:
      return 'histogram';
  }
}

interface Point<T> {
  readonly attributes: object;
  readonly value: T;
}

function addNumbers(
  { series }: Family,
  points: readonly Point<number>[],
  renderLabels: LabelRenderer,
  merge: (earlier: number, value: number) => number,
): void {
  for (const { attributes, value } of points) {
    if (typeof value !== 'number') throw new TypeError('a value that is no number');
    const labels = renderLabels(attributes);
    const earlier = series.get(labels);
    series.set(labels, typeof earlier === 'number' ? merge(earlier, value) : value);
  }
}

function addHistogramPoints(
  { series }: Family,
  metric: Extract<MetricData, { dataPointType: DataPointType.HISTOGRAM | DataPointType.EXPONENTIAL_HISTOGRAM }>,
  renderLabels: LabelRenderer,
): void {
  for (const { attributes, value } of metric.dataPoints) {
    const labels = renderLabels(attributes, 'le');
    const histogram = toClassicHistogram(value, metric.descriptor.unit);
    const earlier = series.get(labels);
    series.set(labels, typeof earlier === 'object' ? addHistograms(earlier, histogram) : histogram);
  }
}

function writeFamily({ name, type, help, series }: Family): string {
  if (series.size === 0) return '';
  const lines: string[] = [];
  if (help) lines.push(`# HELP ${name} ${escapeText(help)}\n`);
  lines.push(`# TYPE ${name} ${type}\n`);
  for (const [labels, value] of series) {
    if (typeof value === 'object') writeHistogram(lines, name, labels, value);
    else lines.push(writeSample(name, labels, value));
  }
  return lines.join('');
}

function writeHistogram(lines: string[], name: string, labels: string, histogram: ClassicHistogram): void {
  const prefix = `${name}_bucket{${labels}${labels === '' ? '' : ','}le="`;
  let cumulative = 0;
  for (const [index, bound] of histogram.boundaries.entries()) {
    cumulative += histogram.counts[index] ?? 0;
    lines.push(`${prefix}${formatNumber(bound)}"} ${formatNumber(cumulative)}\n`);
  }
  cumulative += histogram.counts.at(-1) ?? 0;
  lines.push(`${prefix}+Inf"} ${formatNumber(cumulative)}\n`);
  if (histogram.sum !== undefined) lines.push(writeSample(`${name}_sum`, labels, histogram.sum));
  lines.push(writeSample(`${name}_count`, labels, cumulative));
}

function writeSample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${formatNumber(value)}\n` : `${name}{${labels}} ${formatNumber(value)}\n`;
}
