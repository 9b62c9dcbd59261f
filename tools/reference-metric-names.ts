/**
 * The page of metric names: what each instrument is called, and who says so too.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNamer, type NamedMetric, prometheusMetricName, type NameKind } from '../src/encode/names.ts';
import type { TranslationStrategy } from '../src/config/config.ts';
import { ROOT } from './node-versions.mjs';

interface TranslatorGoldens {
  readonly module: string;
  readonly otherStrategies: readonly TranslationStrategy[];
  readonly metrics: readonly (NamedMetric & { readonly expected: string; readonly others: readonly string[] })[];
}

interface StoredInstrument {
  readonly instrument: string;
  readonly unit: string;
  readonly kind: NameKind;
  readonly names: readonly string[];
}

function readGoldens(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'test/support/goldens', name), 'utf8'));
}

/** Markdown of `docs/reference/metric-names.md`. */
export function renderMetricNamesReference(): string {
  const translator = readGoldens('otlptranslator.json') as TranslatorGoldens;
  const stored = readGoldens('victoriametrics.json') as readonly StoredInstrument[];
  return `# Metric names

Generated from the goldens of the tests by \`npm run generate\`.

A metric has one name, whether it is scraped or pushed. The tables show the name on the page of the Prometheus endpoint
beside what others make of the same instrument when it arrives over OTLP.

## VictoriaMetrics 1.112

${countEqual(stored, ({ instrument, unit, kind, names }) => names.every((name) => isOf(name, prometheusMetricName(instrument, unit, kind))))}
instruments have the same names, types, labels and values on the page and, pushed over OTLP, in VictoriaMetrics with
\`-opentelemetry.usePrometheusNaming\` (\`test/e2e/victoriametrics.test.ts\`).

| instrument | unit | kind | series on the page and in VictoriaMetrics |
| --- | --- | --- | --- |
${stored.map(({ instrument, unit, kind, names }) => row(code(instrument), code(unit), kind, names.map(code).join(' '))).join('\n')}

## otlptranslator

${countEqual(translator.metrics, (metric) => (createNamer().metricName(metric) ?? '') === metric.expected)} combinations
have the name that \`${translator.module}\` gives them, and
${countEqual(translator.metrics, isEqualEverywhere(translator.otherStrategies))} those of its other strategies
(\`test/unit/encode/names.test.ts\`). A metric without a name is left out of the page.

| instrument | unit | kind | ${['UnderscoreEscapingWithSuffixes', ...translator.otherStrategies].map(code).join(' | ')} |
| --- | --- | --- | ${['', ...translator.otherStrategies].map(() => '---').join(' | ')} |
${translator.metrics.map(({ name, unit, kind, expected, others }) => row(code(name), code(unit), kind, ...[expected, ...others].map(code))).join('\n')}
`;
}

function isOf(sample: string, name: string | undefined): boolean {
  return name !== undefined && [name, `${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample);
}

function isEqualEverywhere(
  strategies: readonly TranslationStrategy[],
): (metric: TranslatorGoldens['metrics'][number]) => boolean {
  const namers = strategies.map((strategy) => createNamer(strategy));
  return (metric) => namers.every((namer, index) => (namer.metricName(metric) ?? '') === metric.others[index]);
}

function countEqual<T>(items: readonly T[], isEqual: (item: T) => boolean): string {
  return `${items.filter(isEqual).length} of ${items.length}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Code that keeps its spaces and does not end the cell. */
function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
