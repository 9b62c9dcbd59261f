/**
 * Variables of the Prometheus endpoint beyond the specification's: who may read it, and over what.
 *
 * Layer: config.
 */
import { path, text } from '../kinds.ts';
import type { Variable } from '../variable.ts';

export const DUOTEL_METRICS_ON_APP: Variable<string> = {
  name: 'DUOTEL_METRICS_ON_APP',
  section: 'Metrics',
  kind: {
    expects: 'a path such as /metrics, without ? and #',
    parse: (value) => (/^\/[^\s?#]+$/.test(value) ? value : undefined),
  },
  description:
    "Path on the application's own servers that answers with the metrics, before any route of the application. " +
    'Replaces the port of the Prometheus endpoint unless that is set too.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TOKEN: Variable<string> = {
  name: 'DUOTEL_METRICS_TOKEN',
  section: 'Metrics',
  kind: text,
  secret: true,
  description: 'Bearer token a scraper has to send, wherever the metrics are served.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TOKEN_FILE: Variable<string> = {
  name: 'DUOTEL_METRICS_TOKEN_FILE',
  section: 'Metrics',
  kind: path,
  description:
    'File with the bearer token; read again after it has changed. While it cannot be read, nobody is served.',
  source: 'duotel',
};

export const DUOTEL_METRICS_BASIC_AUTH: Variable<string> = {
  name: 'DUOTEL_METRICS_BASIC_AUTH',
  section: 'Metrics',
  kind: text,
  secret: true,
  description: 'user:password a scraper may send instead of a token.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TLS_CERT: Variable<string> = {
  name: 'DUOTEL_METRICS_TLS_CERT',
  section: 'Metrics',
  kind: path,
  description: 'PEM file with the certificate of the Prometheus endpoint, which then speaks HTTPS only.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TLS_KEY: Variable<string> = {
  name: 'DUOTEL_METRICS_TLS_KEY',
  section: 'Metrics',
  kind: path,
  description: 'PEM file with the key of that certificate.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TLS_CLIENT_CA: Variable<string> = {
  name: 'DUOTEL_METRICS_TLS_CLIENT_CA',
  section: 'Metrics',
  kind: path,
  description:
    'PEM file with the authorities whose client certificates may read the Prometheus endpoint; no others may.',
  source: 'duotel',
};

export const SCRAPE_VARIABLES: readonly Variable[] = [
  DUOTEL_METRICS_ON_APP,
  DUOTEL_METRICS_TOKEN,
  DUOTEL_METRICS_TOKEN_FILE,
  DUOTEL_METRICS_BASIC_AUTH,
  DUOTEL_METRICS_TLS_CERT,
  DUOTEL_METRICS_TLS_KEY,
  DUOTEL_METRICS_TLS_CLIENT_CA,
];
