/**
 * The page of runtime metrics, from the catalogue they are made from, and what became of prom-client's names.
 */
import { createNamer } from '../src/encode/names.ts';
import {
  CONTAINER,
  ENGINE,
  EVENT_LOOP,
  GARBAGE_COLLECTION,
  PROCESS,
  type RuntimeMetric,
} from '../src/instrument/runtime/catalogue.ts';

const NAMER = createNamer();

const SECTIONS: Readonly<Record<string, Readonly<Record<string, RuntimeMetric>>>> = {
  'Event loop': EVENT_LOOP,
  'V8 engine': { ...GARBAGE_COLLECTION, ...ENGINE },
  Process: PROCESS,
  Container: CONTAINER,
};

const KINDS: Readonly<Record<RuntimeMetric['kind'], string>> = {
  counter: 'counter',
  updown: 'up-down counter',
  gauge: 'gauge',
  histogram: 'histogram',
};

const HEAP_SPACE = 'label_replace(%, "space", "$1", "v8js_heap_space_name", "(.*)_space")';

/** PromQL that gives what prom-client 15 calls by this name; `undefined` where nothing does. */
const FROM_PROM_CLIENT: Readonly<Record<string, string | undefined>> = {
  process_cpu_user_seconds_total: 'sum without (cpu_mode) (process_cpu_time_seconds_total{cpu_mode="user"})',
  process_cpu_system_seconds_total: 'sum without (cpu_mode) (process_cpu_time_seconds_total{cpu_mode="system"})',
  process_cpu_seconds_total: 'sum without (cpu_mode) (process_cpu_time_seconds_total)',
  process_start_time_seconds: 'time() - process_uptime_seconds',
  process_resident_memory_bytes: 'process_memory_usage_bytes',
  process_virtual_memory_bytes: 'process_memory_virtual_bytes',
  process_heap_bytes: undefined,
  process_open_fds: 'process_unix_file_descriptor_count',
  process_max_fds: undefined,
  nodejs_eventloop_lag_seconds: 'nodejs_eventloop_delay_mean_seconds',
  ...Object.fromEntries(
    ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((statistic) => [
      `nodejs_eventloop_lag_${statistic}_seconds`,
      `nodejs_eventloop_delay_${statistic}_seconds`,
    ]),
  ),
  nodejs_active_resources: 'label_replace(v8js_resource_active, "type", "$1", "v8js_resource_type", "(.*)")',
  nodejs_active_resources_total: 'sum without (v8js_resource_type) (v8js_resource_active)',
  nodejs_active_handles: undefined,
  nodejs_active_handles_total: undefined,
  nodejs_active_requests: undefined,
  nodejs_active_requests_total: undefined,
  nodejs_heap_size_total_bytes: 'sum without (v8js_heap_space_name) (v8js_memory_heap_space_size_bytes)',
  nodejs_heap_size_used_bytes: 'sum without (v8js_heap_space_name) (v8js_memory_heap_used_bytes)',
  nodejs_external_memory_bytes: undefined,
  nodejs_heap_space_size_total_bytes: HEAP_SPACE.replace('%', 'v8js_memory_heap_space_size_bytes'),
  nodejs_heap_space_size_used_bytes: HEAP_SPACE.replace('%', 'v8js_memory_heap_used_bytes'),
  nodejs_heap_space_size_available_bytes: HEAP_SPACE.replace('%', 'v8js_memory_heap_space_available_size_bytes'),
  nodejs_version_info: 'label_replace(target_info, "version", "v$1", "process_runtime_version", "(.*)")',
  ...Object.fromEntries(
    ['bucket', 'sum', 'count'].map((part) => [
      `nodejs_gc_duration_seconds_${part}`,
      `label_replace(v8js_gc_duration_seconds_${part}, "kind", "$1", "v8js_gc_type", "(.*)")`,
    ]),
  ),
};

/** Markdown of `docs/reference/runtime-metrics.md`. */
export function renderRuntimeMetricsReference(): string {
  return `# Runtime metrics

Generated from \`src/instrument/runtime/catalogue.ts\` by \`npm run generate\`.

Made where metrics have an output: from the first scrape on, or, where metrics are pushed, after the first tenth of a
second. They are no reason to push: a command that records nothing sends nothing. \`DUOTEL_RUNTIME_METRICS=off\` turns
them off; a view drops single ones. Names and units are those of the
[semantic conventions](https://opentelemetry.io/docs/specs/semconv/runtime/), version 1.43, where there are any.

- Delays are those of the last one to two minutes, the same for every reader, without the 20 ms that are the period of
  the timer they are measured with.
- Heap spaces that were always empty are left out.
- Worker threads tell of their own event loop and heap; process and container are left to the main thread.
- \`container.*\` is the lowest limit of the control group (version 1 or 2) and those around it; without a limit there is
  no series. There is no convention for these two names.
- Virtual memory and file descriptors are told on Linux only. \`promtool check metrics\` dislikes the name
  \`process_unix_file_descriptor_count\`, which is what Prometheus makes of the conventional one.
- Version, environment and identity of the service are attributes of the resource: \`target_info\` in Prometheus.

${Object.entries(SECTIONS).map(renderSection).join('\n')}
## Coming from prom-client

There is no option that serves the old names: a metric has one name on \`/metrics\` and over OTLP. Dashboards and alerts
that use the default metrics of prom-client go on working with these recording rules, of which only those in use are
needed:

\`\`\`yaml
groups:
  - name: prom-client-names
    rules:
${Object.entries(FROM_PROM_CLIENT).flatMap(renderRule).join('\n')}
\`\`\`

Without a counterpart: ${Object.keys(FROM_PROM_CLIENT)
    .filter((name) => FROM_PROM_CLIENT[name] === undefined)
    .map((name) => `\`${name}\``)
    .join(', ')}. For handles and requests see \`v8js_resource_active\`, for memory outside of the heap
\`process_memory_usage_bytes\`. The buckets of garbage collections are coarser, as the conventions advise.
`;
}

function renderSection([title, metrics]: readonly [string, Readonly<Record<string, RuntimeMetric>>]): string {
  return `## ${title}

| Metric | Prometheus | Kind | Label | Meaning |
| --- | --- | --- | --- | --- |
${Object.values(metrics).map(renderMetric).join('\n')}
`;
}

function renderMetric({ name, kind, unit, description, attribute }: RuntimeMetric): string {
  const label = attribute === undefined ? '' : `\`${NAMER.labelName(attribute)}\``;
  const cells = [`\`${name}\``, `\`${NAMER.metricName({ name, unit, kind })}\``, KINDS[kind], label, description];
  return `| ${cells.join(' | ')} |`;
}

function renderRule([name, expression]: readonly [string, string | undefined]): string[] {
  return expression === undefined ? [] : [`      - record: ${name}`, `        expr: ${expression}`];
}
