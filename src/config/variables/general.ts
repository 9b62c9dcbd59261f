/**
 * Variables of the whole SDK and of the resource.
 *
 * Layer: config.
 */
import type { LogLevel } from '../config.ts';
import { flag, names, oneOf, pairs, path, text } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const OTEL_SDK_DISABLED: DefaultedVariable<boolean> = {
  name: 'OTEL_SDK_DISABLED',
  section: 'General',
  kind: flag,
  default: 'false',
  description:
    'Turns telemetry off, for every signal. Nothing is loaded, and no propagator is registered, as in sdk-node.',
  source: 'otel-env',
};

export const OTEL_LOG_LEVEL: Variable<LogLevel> = {
  name: 'OTEL_LOG_LEVEL',
  section: 'General',
  kind: oneOf<LogLevel>('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
  description: 'What the SDK says about itself on stderr. Unset: coded lines only.',
  source: 'otel-env',
};

export const OTEL_CONFIG_FILE: Variable<string> = {
  name: 'OTEL_CONFIG_FILE',
  section: 'General',
  kind: path,
  description: 'Declarative configuration file; it replaces every other OTEL_* variable.',
  source: 'otel-env',
};

export const OTEL_PROPAGATORS: DefaultedVariable<readonly string[]> = {
  name: 'OTEL_PROPAGATORS',
  section: 'General',
  kind: names,
  default: 'tracecontext,baggage',
  description:
    'How context travels between processes: tracecontext, baggage, b3, b3multi, xray, sentry, sentry-incoming (continues sentry-trace, sends none; added to the default with SENTRY_DSN); or none.',
  source: 'otel-env',
  option: 'propagator',
};

export const OTEL_NODE_ENABLED_INSTRUMENTATIONS: Variable<readonly string[]> = {
  name: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
  section: 'General',
  kind: names,
  description: 'Only these instrumentations, by short name: http, undici (fetch), express, pg, … Default: all.',
  source: 'otel-js',
};

export const OTEL_NODE_DISABLED_INSTRUMENTATIONS: Variable<readonly string[]> = {
  name: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
  section: 'General',
  kind: names,
  description: 'None of these instrumentations, by short name; wins over OTEL_NODE_ENABLED_INSTRUMENTATIONS.',
  source: 'otel-js',
};

export const OTEL_NODE_RESOURCE_DETECTORS: DefaultedVariable<readonly string[]> = {
  name: 'OTEL_NODE_RESOURCE_DETECTORS',
  section: 'Resource',
  kind: names,
  default: 'all',
  description: 'What the resource is made from: all, none, or some of env, host, os, process, serviceinstance.',
  source: 'otel-js',
  unavailable: {
    feature: 'the choice of resource detectors',
    instead: 'Service, process, host and platform are detected, never command line or owner.',
    harmless: ['all'],
  },
};

export const OTEL_SERVICE_NAME: Variable<string> = {
  name: 'OTEL_SERVICE_NAME',
  section: 'Resource',
  kind: text,
  description: 'service.name. Unset: service.name of OTEL_RESOURCE_ATTRIBUTES, else the name in package.json.',
  source: 'otel-env',
  option: 'serviceName',
};

export const OTEL_RESOURCE_ATTRIBUTES: Variable<string> = {
  name: 'OTEL_RESOURCE_ATTRIBUTES',
  section: 'Resource',
  kind: pairs,
  description: 'Attributes of the resource, percent-encoded. A bad pair is left out, the others stay.',
  source: 'otel-env',
  option: 'resourceAttributes',
};

export const ENVIRONMENT: Variable<string> = {
  name: 'ENVIRONMENT',
  section: 'Resource',
  kind: text,
  description:
    'Deployment environment on every output, after SENTRY_ENVIRONMENT and deployment.environment.name; then ENV, NODE_ENV, else production.',
  source: 'common',
  option: 'environment',
};

export const ENV: Variable<string> = {
  name: 'ENV',
  section: 'Resource',
  kind: text,
  description: 'As ENVIRONMENT, after it. A path (the start-up file of a POSIX shell) is ignored.',
  source: 'common',
  option: 'environment',
};

export const NODE_ENV: Variable<string> = {
  name: 'NODE_ENV',
  section: 'Resource',
  kind: text,
  description: 'As ENVIRONMENT, after ENV.',
  source: 'common',
  option: 'environment',
};

export const RELEASE: Variable<string> = {
  name: 'RELEASE',
  section: 'Resource',
  kind: text,
  description: 'Release on every output, after SENTRY_RELEASE. Unset: service.version.',
  source: 'common',
};

export const GENERAL_VARIABLES: readonly Variable[] = [
  OTEL_SDK_DISABLED,
  OTEL_LOG_LEVEL,
  OTEL_CONFIG_FILE,
  OTEL_PROPAGATORS,
  OTEL_NODE_ENABLED_INSTRUMENTATIONS,
  OTEL_NODE_DISABLED_INSTRUMENTATIONS,
  OTEL_SERVICE_NAME,
  OTEL_RESOURCE_ATTRIBUTES,
  OTEL_NODE_RESOURCE_DETECTORS,
  ENVIRONMENT,
  ENV,
  NODE_ENV,
  RELEASE,
];
