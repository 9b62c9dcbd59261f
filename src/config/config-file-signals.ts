/**
 * The three providers of the configuration file → variables of the table.
 *
 * A provider that is absent is a no-op one by the schema: its exporter becomes `none`.
 * Layer: config; loaded only when a configuration file is set.
 */
import { copyTexts, readPushExporter, type ExporterName, type Values } from './config-file-exporter.ts';
import type { Section } from './config-file-section.ts';

const OTLP_METRICS = 'OTEL_EXPORTER_OTLP_METRICS_';
const ONE_OTLP = 'One otlp_http exporter per signal is supported, and there is one before it.';

/** Reads `tracer_provider`. */
export function readTracerProvider(root: Section, values: Values): void {
  const provider = root.section('tracer_provider');
  values['OTEL_TRACES_EXPORTER'] = readProcessors(provider, 'TRACES', values);
  copyTexts(provider?.section('limits'), values, [
    ['attribute_value_length_limit', 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    ['attribute_count_limit', 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'],
    ['event_count_limit', 'OTEL_SPAN_EVENT_COUNT_LIMIT'],
    ['link_count_limit', 'OTEL_SPAN_LINK_COUNT_LIMIT'],
    ['event_attribute_count_limit', 'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'],
    ['link_attribute_count_limit', 'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'],
  ]);
  provider?.section('id_generator')?.accept('random');
  const sampler = provider?.section('sampler');
  if (sampler !== undefined) readSampler(sampler, values);
}

/** Reads `logger_provider`. */
export function readLoggerProvider(root: Section, values: Values): void {
  const provider = root.section('logger_provider');
  values['OTEL_LOGS_EXPORTER'] = readProcessors(provider, 'LOGS', values);
  copyTexts(provider?.section('limits'), values, [
    ['attribute_value_length_limit', 'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    ['attribute_count_limit', 'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT'],
  ]);
}

/** Reads `meter_provider`. */
export function readMeterProvider(root: Section, values: Values): void {
  const provider = root.section('meter_provider');
  const exporters = new Set<ExporterName>();
  for (const reader of provider?.items('readers') ?? []) {
    const exporter = readPeriodic(reader, exporters, values) ?? readPull(reader, exporters, values);
    if (exporter !== undefined) exporters.add(exporter);
  }
  copyTexts(provider, values, [['exemplar_filter', 'OTEL_METRICS_EXEMPLAR_FILTER']]);
  values['OTEL_METRICS_EXPORTER'] = nameExporters(exporters);
}

function readProcessors(provider: Section | undefined, signal: 'TRACES' | 'LOGS', values: Values): string {
  const prefix = signal === 'TRACES' ? 'OTEL_BSP_' : 'OTEL_BLRP_';
  const exporters = new Set<ExporterName>();
  for (const item of provider?.items('processors') ?? []) {
    // A simple processor sends each item on its own; ours batches it, and nothing but the timing differs.
    const processor = item.section('batch') ?? item.section('simple');
    if (processor === undefined) continue;
    if (exporters.has('otlp') && processor.section('exporter')?.keys.includes('otlp_http')) {
      item.refuse(ONE_OTLP);
      continue;
    }
    const exporter = readPushExporter(processor, signal, values);
    if (exporter !== undefined) exporters.add(exporter);
    copyTexts(processor, values, [
      ['schedule_delay', `${prefix}SCHEDULE_DELAY`],
      ['export_timeout', `${prefix}EXPORT_TIMEOUT`],
      ['max_queue_size', `${prefix}MAX_QUEUE_SIZE`],
      ['max_export_batch_size', `${prefix}MAX_EXPORT_BATCH_SIZE`],
    ]);
  }
  return nameExporters(exporters);
}

function readPeriodic(reader: Section, exporters: ReadonlySet<ExporterName>, values: Values): ExporterName | undefined {
  const periodic = reader.section('periodic');
  if (periodic === undefined) return undefined;
  const otlp = periodic.section('exporter')?.section('otlp_http');
  if (otlp !== undefined && exporters.has('otlp')) {
    reader.refuse(ONE_OTLP);
    return undefined;
  }
  const exporter = readPushExporter(periodic, 'METRICS', values);
  const temporality = otlp?.text('temporality_preference');
  // The file writes `low_memory`, the variable `lowmemory`.
  if (temporality !== undefined) values[`${OTLP_METRICS}TEMPORALITY_PREFERENCE`] = temporality.replace('_', '');
  copyTexts(otlp, values, [['default_histogram_aggregation', `${OTLP_METRICS}DEFAULT_HISTOGRAM_AGGREGATION`]]);
  copyTexts(periodic, values, [
    ['interval', 'OTEL_METRIC_EXPORT_INTERVAL'],
    ['timeout', 'OTEL_METRIC_EXPORT_TIMEOUT'],
  ]);
  return exporter;
}

function readPull(reader: Section, exporters: ReadonlySet<ExporterName>, values: Values): ExporterName | undefined {
  const exporter = reader.section('pull')?.section('exporter');
  const prometheus = exporter?.section('prometheus/development') ?? exporter?.section('prometheus');
  if (prometheus === undefined) return undefined;
  if (exporters.has('prometheus')) {
    reader.refuse('One Prometheus endpoint is supported, and there is one before it.');
    return undefined;
  }
  copyTexts(prometheus, values, [
    ['host', 'OTEL_EXPORTER_PROMETHEUS_HOST'],
    ['port', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
    ['translation_strategy', 'DUOTEL_METRICS_TRANSLATION'],
  ]);
  return 'prometheus';
}

function nameExporters(exporters: ReadonlySet<ExporterName>): string {
  return [...exporters].join(',') || 'none';
}

const SAMPLERS: Readonly<Record<string, string>> = {
  always_on: 'always_on',
  always_off: 'always_off',
  trace_id_ratio_based: 'traceidratio',
  // Keeps the same share of traces; by which bits of the trace id is the only difference.
  'probability/development': 'traceidratio',
};

/** What a parent-based sampler does for children unless told otherwise, and the only thing ours can do. */
const CHILDREN: readonly (readonly [key: string, sampler: string])[] = [
  ['remote_parent_sampled', 'always_on'],
  ['remote_parent_not_sampled', 'always_off'],
  ['local_parent_sampled', 'always_on'],
  ['local_parent_not_sampled', 'always_off'],
];

function readSampler(sampler: Section, values: Values): void {
  const parent = sampler.section('parent_based');
  const root = parent === undefined ? sampler : parent.section('root');
  for (const [key, expected] of CHILDREN) parent?.section(key)?.section(expected);
  const key = root === undefined ? 'always_on' : Object.keys(SAMPLERS).find((known) => root.keys.includes(known));
  if (key === undefined) return;
  const ratio = root?.section(key)?.text('ratio');
  values['OTEL_TRACES_SAMPLER'] = `${parent === undefined ? '' : 'parentbased_'}${SAMPLERS[key]}`;
  if (ratio !== undefined) values['OTEL_TRACES_SAMPLER_ARG'] = ratio;
}
