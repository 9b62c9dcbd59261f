/**
 * Environments that must mean the same to us and to the official NodeSDK.
 *
 * In values, `BASE` stands for the address of the test's server under a path of the case, `PORT` for a free port.
 */
export type Env = Readonly<Record<string, string>>;

export const OTLP = 'OTEL_EXPORTER_OTLP';
export const BASE: Env = { [`${OTLP}_ENDPOINT`]: 'BASE' };
export const JSON_BASE: Env = { ...BASE, [`${OTLP}_PROTOCOL`]: 'http/json' };

export const SAME: readonly (readonly [title: string, env: Env])[] = [
  ['an endpoint alone', BASE],
  ['an endpoint with a slash at its end', { [`${OTLP}_ENDPOINT`]: 'BASE/' }],
  [
    'an endpoint per signal',
    {
      [`${OTLP}_TRACES_ENDPOINT`]: 'BASE/t',
      [`${OTLP}_METRICS_ENDPOINT`]: 'BASE/m',
      [`${OTLP}_LOGS_ENDPOINT`]: 'BASE/l/v1/logs',
    },
  ],
  [
    'an endpoint for one signal over the one for all',
    { ...BASE, [`${OTLP}_LOGS_ENDPOINT`]: 'BASE/elsewhere?tenant=1' },
  ],
  ['headers', { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1, x-b = two%20words ,x-c=d=e' }],
  [
    'headers per signal over headers for all',
    { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1,x-b=1', [`${OTLP}_TRACES_HEADERS`]: 'x-b=2,x-c=2' },
  ],
  ['a credential', { ...BASE, [`${OTLP}_HEADERS`]: 'Authorization=Basic%20MTIzOmdsY19h' }],
  ['a header with metadata behind a semicolon', { ...BASE, [`${OTLP}_HEADERS`]: 'x-a=1;meta=2' }],
  ['http/json', JSON_BASE],
  ['a protocol per signal', { ...BASE, [`${OTLP}_METRICS_PROTOCOL`]: 'http/json' }],
  ['an unknown protocol', { ...BASE, [`${OTLP}_PROTOCOL`]: 'http' }],
  ['gzip', { ...BASE, [`${OTLP}_COMPRESSION`]: 'gzip' }],
  ['gzip for one signal', { ...BASE, [`${OTLP}_LOGS_COMPRESSION`]: 'gzip' }],
  ['an unknown compression', { ...BASE, [`${OTLP}_COMPRESSION`]: 'zstd' }],
  [
    'exporters turned off',
    { ...BASE, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  ],
  [
    'otlp by name',
    { ...BASE, OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' },
  ],
  [
    'empty values',
    {
      ...BASE,
      OTEL_TRACES_EXPORTER: '',
      OTEL_PROPAGATORS: '',
      OTEL_TRACES_SAMPLER: ' ',
      [`${OTLP}_TRACES_ENDPOINT`]: '',
    },
  ],
  ['the SDK disabled', { ...BASE, OTEL_SDK_DISABLED: 'True' }],
  ['a switch that is neither true nor false', { ...BASE, OTEL_SDK_DISABLED: '1' }],
  [
    'Prometheus at a port',
    {
      ...BASE,
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT',
      OTEL_EXPORTER_PROMETHEUS_HOST: 'localhost',
    },
  ],
  [
    'OTLP and Prometheus',
    {
      ...BASE,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT',
      OTEL_EXPORTER_PROMETHEUS_HOST: 'localhost',
    },
  ],
  ['OTLP only, with a port', { ...BASE, OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_PROMETHEUS_PORT: 'PORT' }],
  ['b3', { OTEL_PROPAGATORS: 'b3', ...BASE }],
  ['b3multi and baggage', { OTEL_PROPAGATORS: 'b3multi, baggage', ...BASE }],
  ['no propagator', { OTEL_PROPAGATORS: 'none', ...BASE }],
  ['one unknown propagator among others', { OTEL_PROPAGATORS: 'w3c,tracecontext', ...BASE }],
  ...['always_on', 'parentbased_always_on', 'parentbased_always_off', 'always_off', 'unknown'].map(
    (sampler) => [`sampler ${sampler}`, { ...BASE, OTEL_TRACES_SAMPLER: sampler }] as const,
  ),
  ...['0.25', '0', '1', '', '7', 'half'].flatMap((share) =>
    ['traceidratio', 'parentbased_traceidratio'].map(
      (sampler) =>
        [
          `sampler ${sampler} of "${share}"`,
          { ...BASE, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: share },
        ] as const,
    ),
  ),
  ['general limits', { ...JSON_BASE, OTEL_ATTRIBUTE_COUNT_LIMIT: '9', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '17' }],
  [
    'limits of spans over general ones',
    {
      ...JSON_BASE,
      OTEL_ATTRIBUTE_COUNT_LIMIT: '9',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '11',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '13',
    },
  ],
  [
    'limits of events and links',
    {
      ...BASE,
      OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
      OTEL_SPAN_LINK_COUNT_LIMIT: '4',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '5',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '6',
    },
  ],
  ['no attributes of spans', { ...BASE, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0' }],
  [
    'limits of log records over general ones',
    {
      ...JSON_BASE,
      OTEL_ATTRIBUTE_COUNT_LIMIT: '9',
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '12',
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '14',
    },
  ],
  [
    'a limit that is no number',
    { ...JSON_BASE, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'many', OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: 'many' },
  ],
  ['small batches', { ...JSON_BASE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '3' }],
  ['a small queue', { ...JSON_BASE, OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4' }],
  ['a queue smaller than the default batch', { ...JSON_BASE, OTEL_BSP_MAX_QUEUE_SIZE: '5' }],
  ['batches of no size', { ...JSON_BASE, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' }],
  ['delta metrics', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta' }],
  ['metrics for low memory', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory' }],
  ['an unknown temporality', { ...JSON_BASE, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'both' }],
  [
    'resource attributes',
    {
      ...JSON_BASE,
      OTEL_RESOURCE_ATTRIBUTES: 'team=a, k%20ey = v%2Cal ,,service.name=b',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
    },
  ],
  [
    'a service name over the one of the attributes',
    {
      ...JSON_BASE,
      OTEL_SERVICE_NAME: 'named',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=b',
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
    },
  ],
];
