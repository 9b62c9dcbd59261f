/**
 * Our own variables, and those of push tools that jobs use.
 *
 * Layer: config.
 */
import { budgetMillis, limit, oneOf, path, someOf, url } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const DUOTEL_SHUTDOWN_TIMEOUT: Variable<number> = {
  name: 'DUOTEL_SHUTDOWN_TIMEOUT',
  section: 'duotel',
  kind: budgetMillis,
  description:
    'Time telemetry may take at the end of the process, in milliseconds. Unset: 5000 in a server, else 1000.',
  source: 'duotel',
};

export const DUOTEL_HOURLY_LIMIT_MB: Variable<number> = {
  name: 'DUOTEL_HOURLY_LIMIT_MB',
  section: 'duotel',
  kind: limit,
  description:
    'Most megabytes of spans, and of log records, that leave for each destination in an hour, before compression; what is beyond is dropped and counted. Unset: no limit.',
  source: 'duotel',
};

export const DUOTEL_METRICS_PORT_BUSY: DefaultedVariable<'off' | 'ephemeral'> = {
  name: 'DUOTEL_METRICS_PORT_BUSY',
  section: 'duotel',
  kind: oneOf('off', 'ephemeral'),
  default: 'off',
  description: 'What happens when the port of the Prometheus endpoint is taken: no endpoint, or any free port.',
  source: 'duotel',
};

export const DUOTEL_SIGNALS: DefaultedVariable<'on' | 'off'> = {
  name: 'DUOTEL_SIGNALS',
  section: 'duotel',
  kind: oneOf('on', 'off'),
  default: 'on',
  description: 'Whether queued telemetry is sent when SIGTERM, SIGINT or SIGHUP ends the process.',
  source: 'duotel',
};

export const DUOTEL_SPOOL_DIR: Variable<string> = {
  name: 'DUOTEL_SPOOL_DIR',
  section: 'duotel',
  kind: path,
  description: 'Folder of the disk queue, which outlives outages and crashes.',
  source: 'duotel',
  unavailable: { feature: 'the disk queue', instead: 'Telemetry waits in memory.' },
};

export const DUOTEL_JOB_PUSH: Variable<readonly ('otlp' | 'pushgateway' | 'remote-write')[]> = {
  name: 'DUOTEL_JOB_PUSH',
  section: 'Push of jobs',
  kind: someOf('otlp', 'pushgateway', 'remote-write'),
  description: 'By which routes a job pushes its metrics: otlp, pushgateway, remote-write.',
  source: 'duotel',
  unavailable: { feature: 'the push of jobs', instead: 'Metrics are pushed over OTLP.', harmless: ['otlp'] },
};

export const PROMETHEUS_PUSHGATEWAY_URL: Variable<string> = {
  name: 'PROMETHEUS_PUSHGATEWAY_URL',
  section: 'Push of jobs',
  kind: url,
  description: 'Pushgateway that takes the metrics of jobs.',
  source: 'common',
  unavailable: { feature: 'the push of jobs', instead: 'Metrics are pushed over OTLP.' },
};

export const DUOTEL_NOTICES: DefaultedVariable<'text' | 'json'> = {
  name: 'DUOTEL_NOTICES',
  section: 'duotel',
  kind: oneOf('text', 'json'),
  default: 'text',
  description: 'Form of the coded lines on stderr: text for people, or one JSON object each for log pipelines.',
  source: 'duotel',
};

export const DUOTEL_VARIABLES: readonly Variable[] = [
  DUOTEL_SHUTDOWN_TIMEOUT,
  DUOTEL_HOURLY_LIMIT_MB,
  DUOTEL_METRICS_PORT_BUSY,
  DUOTEL_SIGNALS,
  DUOTEL_SPOOL_DIR,
  DUOTEL_NOTICES,
  DUOTEL_JOB_PUSH,
  PROMETHEUS_PUSHGATEWAY_URL,
];
