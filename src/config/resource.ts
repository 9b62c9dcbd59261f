/**
 * The resource: which program this is, where it runs, which release it is. One answer for every output.
 *
 * Synchronous and cheap (no network, at most a handful of small files), because it is made while the program starts.
 * What is private or new at every start is never part of it: command line, executable, owner, home folder, process id.
 * Layer: config.
 */
import { findApplicationPackage, type ApplicationPackage, type ReadFile } from './application-package.ts';
import type { Issue, ResourceConfig } from './config.ts';
import { resolveInstanceId } from './instance-id.ts';
import { detectPlatform, type Env, type Platform } from './platform.ts';
import type { ProcessFacts } from './process-facts.ts';
import { findCommit } from './release.ts';
import { resolveServiceName, type ServiceNameOrigin } from './service-name.ts';

export interface ResourceInput {
  readonly config: ResourceConfig;
  readonly process: ProcessFacts;
  readonly env: Env;
  readonly readFile: ReadFile;
  /** Version of this package, for `telemetry.distro.version`. */
  readonly distroVersion: string;
  /** Version of the official SDK pieces, for `telemetry.sdk.version`. */
  readonly sdkVersion: string;
}

export interface ResourceResult {
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly serviceNameOrigin: ServiceNameOrigin;
  /** Release for outputs that have their own field for it; equals `service.version` unless both were configured. */
  readonly release: string | undefined;
  /** `deployment.environment.name`. */
  readonly environment: string;
  readonly application: ApplicationPackage;
  readonly issues: readonly Issue[];
}

/**
 * Makes the resource. Configured attributes win over detected ones.
 *
 * `service.version` is the configured version, else the configured release, the platform's git commit (a package.json
 * of an application is seldom kept up to date), the package's version.
 */
export function createResource(input: ResourceInput): ResourceResult {
  const { config, process, env, readFile } = input;
  const application = findApplicationPackage(process.mainScript, process.workingDirectory, readFile);
  const platform = detectPlatform(env, process, readFile);
  const service = resolveServiceName(config, application.name, platform.serviceName);
  const commit = findCommit(env);
  const version =
    config.serviceVersion ?? config.attributes['service.version'] ?? config.release ?? commit ?? application.version;
  const attributes = withoutUnset({
    ...describeProcess(process),
    ...platform.attributes,
    'vcs.ref.head.revision': commit,
    ...config.attributes,
    'service.name': service.name,
    'service.version': version,
    'service.instance.id': settleInstanceId(input, service.name, application, platform),
    'deployment.environment.name': config.environment,
    ...describeTelemetry(input),
  });
  return {
    attributes,
    serviceNameOrigin: service.origin,
    release: config.release ?? version,
    environment: config.environment,
    application,
    issues: service.issues,
  };
}

function settleInstanceId(
  { config, process, env }: ResourceInput,
  serviceName: string,
  application: ApplicationPackage,
  platform: Platform,
): string | undefined {
  return resolveInstanceId({
    configured: config.attributes['service.instance.id'] || undefined,
    source: platform.instance,
    parts: [config.attributes['service.namespace'] ?? '', serviceName, config.environment, application.entry ?? ''],
    process,
    env,
  });
}

const OS_TYPES: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };

/** Semantic conventions `host`, `os`, `process.runtime`; values translated to their lists. */
function describeProcess(process: ProcessFacts): Record<string, string | undefined> {
  return {
    'host.name': process.hostName === '' ? undefined : process.hostName,
    'host.arch': ARCHITECTURES[process.arch] ?? process.arch,
    'os.type': OS_TYPES[process.platform] ?? process.platform,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.nodeVersion,
  };
}

function describeTelemetry(input: ResourceInput): Record<string, string> {
  return {
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': input.sdkVersion,
    'telemetry.distro.name': 'duotel',
    'telemetry.distro.version': input.distroVersion,
  };
}

function withoutUnset(
  attributes: Readonly<Record<string, string | number | undefined>>,
): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== '') kept[name] = value;
  return kept;
}
