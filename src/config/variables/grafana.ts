/**
 * Variables of Grafana Cloud: the OTLP preset, and remote write.
 *
 * Layer: config.
 */
import { endpoint, text, url } from '../kinds.ts';
import type { Unavailable, Variable } from '../variable.ts';

export const GRAFANA_CLOUD_INSTANCE_ID: Variable<string> = {
  name: 'GRAFANA_CLOUD_INSTANCE_ID',
  section: 'Grafana Cloud',
  kind: text,
  description:
    'Number of the stack: the user name of its OTLP endpoint. Not the organisation, not the metrics user name.',
  source: 'grafana-cloud',
};

export const GRAFANA_CLOUD_OTLP_TOKEN: Variable<string> = {
  name: 'GRAFANA_CLOUD_OTLP_TOKEN',
  section: 'Grafana Cloud',
  kind: text,
  secret: true,
  description: 'Access policy token (glc_…) that may write traces, metrics and logs. Unset: GRAFANA_CLOUD_API_KEY.',
  source: 'grafana-cloud',
};

export const GRAFANA_CLOUD_API_KEY: Variable<string> = {
  name: 'GRAFANA_CLOUD_API_KEY',
  section: 'Grafana Cloud',
  kind: text,
  secret: true,
  description: 'Access policy token (glc_…), also of remote write.',
  source: 'grafana-cloud',
};

export const GRAFANA_CLOUD_ZONE: Variable<string> = {
  name: 'GRAFANA_CLOUD_ZONE',
  section: 'Grafana Cloud',
  kind: text,
  description: 'Zone of the stack, e.g. prod-eu-west-2; makes https://otlp-gateway-<zone>.grafana.net/otlp.',
  source: 'grafana-cloud',
};

export const GRAFANA_CLOUD_OTLP_ENDPOINT: Variable<string> = {
  name: 'GRAFANA_CLOUD_OTLP_ENDPOINT',
  section: 'Grafana Cloud',
  kind: endpoint,
  description: 'Base address of the OTLP endpoint, instead of the zone.',
  source: 'grafana-cloud',
};

const REMOTE_WRITE: Unavailable = {
  feature: 'remote write',
  instead: 'Metrics leave over OTLP and the Prometheus endpoint.',
};

export const GRAFANA_CLOUD_METRICS_URL: Variable<string> = {
  name: 'GRAFANA_CLOUD_METRICS_URL',
  section: 'Grafana Cloud',
  kind: url,
  description: 'Address of remote write.',
  source: 'grafana-cloud',
  unavailable: REMOTE_WRITE,
};

export const GRAFANA_CLOUD_METRICS_USERNAME: Variable<string> = {
  name: 'GRAFANA_CLOUD_METRICS_USERNAME',
  section: 'Grafana Cloud',
  kind: text,
  description: 'User name of remote write. Never used as instance id.',
  source: 'grafana-cloud',
  unavailable: REMOTE_WRITE,
};

export const GRAFANA_VARIABLES: readonly Variable[] = [
  GRAFANA_CLOUD_INSTANCE_ID,
  GRAFANA_CLOUD_OTLP_TOKEN,
  GRAFANA_CLOUD_API_KEY,
  GRAFANA_CLOUD_ZONE,
  GRAFANA_CLOUD_OTLP_ENDPOINT,
  GRAFANA_CLOUD_METRICS_URL,
  GRAFANA_CLOUD_METRICS_USERNAME,
];
