/**
 * Reads the world once: environment, configuration file, process, application.
 *
 * Layer: run. Everything after it works on values.
 */
import { createRequire } from 'node:module';
import type { Resource } from '@opentelemetry/resources';
import { once } from '../core/once.ts';
import { VERSION } from '../core/version.ts';
import type { ApplicationPackage } from '../config/application-package.ts';
import type { Config, Issue, Resolution } from '../config/config.ts';
import type * as ConfigFile from '../config/config-file.ts';
import type { StartOptions } from '../config/options.ts';
import { type ProcessFacts, readProcessFacts } from '../config/process-facts.ts';
import { readText } from '../config/read-text.ts';
import { resolveConfig } from '../config/resolve.ts';
import { createResource } from '../config/resource.ts';
import type * as Sdk from './sdk.ts';

const load = createRequire(import.meta.url);

/** Version of the official SDK pieces in the bundle, for `telemetry.sdk.version`. */
const SDK_VERSION = '3.1.0';

/** The process, as everything after it needs to know it. */
export interface ProcessDescription {
  /** The same at each call; made at the first. */
  readonly resource: () => Resource;
  readonly facts: ProcessFacts;
  readonly application: ApplicationPackage;
  readonly issues: readonly Issue[];
}

/** Settles the configuration from options, file and environment. */
export function settle(options: StartOptions): Resolution {
  const { env } = process;
  const path = options.variables?.['OTEL_CONFIG_FILE'] ?? env['OTEL_CONFIG_FILE'];
  if (path === undefined || path === '') return resolveConfig({ options, env });
  const { readConfigFile } = load('../config/config-file.ts') as typeof ConfigFile;
  const file = readConfigFile(path, env, readText);
  const resolution = resolveConfig(file.values === undefined ? { options, env } : { options, env, file: file.values });
  return withIssues(resolution, [...file.issues, ...resolution.issues]);
}

/** A resolution with other findings; its settings are still made when somebody asks. */
export function withIssues(resolution: Resolution, issues: readonly Issue[]): Resolution {
  return {
    config: resolution.config,
    issues,
    get settings() {
      return resolution.settings;
    },
  };
}

/** Describes the process as a resource. */
export function describeProcess(config: Config): ProcessDescription {
  const facts = readProcessFacts();
  const { attributes, application, issues } = createResource({
    config: config.resource,
    process: facts,
    env: process.env,
    readFile: readText,
    distroVersion: VERSION,
    sdkVersion: SDK_VERSION,
  });
  const resource = once(() => (load('./sdk.ts') as typeof Sdk).createSdkResource(attributes));
  return { resource: () => resource.get(), facts, application, issues };
}
