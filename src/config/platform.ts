/**
 * What the platform says about this process through variables and mounted files. Nothing is asked over the network.
 *
 * Which platform it is, is looked into only where a variable or a mount gives reason to.
 * Layer: config.
 */
import { createRequire } from 'node:module';
import type { ReadFile } from './application-package.ts';
import { readContainerFacts, type ContainerFacts } from './container.ts';
import type * as platformsModule from './platforms.ts';
import type { ProcessFacts } from './process-facts.ts';

const load = createRequire(import.meta.url);

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * How the platform tells running copies of a service apart.
 * `named`: by a name that survives a restart. `host`: by the host name. `fresh`: copies come and go without a name.
 * `none`: a copy lives for a moment and has no identity worth a series.
 */
export type InstanceSource =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'host' }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'none' };

export interface Platform {
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly instance: InstanceSource;
  /** What the platform calls the service. */
  readonly serviceName?: string | undefined;
}

const NO_CONTAINER: ContainerFacts = { containerId: undefined, podUid: undefined, containerName: undefined };
const NO_PLATFORM: Platform = { attributes: {}, instance: { kind: 'host' } };

/** Each platform in `platforms.ts` sets one of them. */
const MARKS = [
  'KUBERNETES_SERVICE_HOST',
  'RAILWAY_REPLICA_ID',
  'RAILWAY_DEPLOYMENT_ID',
  'FLY_MACHINE_ID',
  'FLY_ALLOC_ID',
  'VERCEL',
  'ECS_CONTAINER_METADATA_URI_V4',
  'ECS_CONTAINER_METADATA_URI',
  'CLOUD_RUN_JOB',
  'K_SERVICE',
  'DYNO',
];

/** Describes where this process runs. Never throws; reads at most four small files, none outside of Linux. */
export function detectPlatform(env: Env, process: ProcessFacts, readFile: ReadFile): Platform {
  const container = process.platform === 'linux' ? readContainerFacts(readFile) : NO_CONTAINER;
  const isMarked = container.podUid !== undefined || MARKS.some((name) => env[name]);
  const platform = isMarked ? platforms().identifyPlatform(env, process.hostName, container, readFile) : undefined;
  if (container.containerId === undefined) return platform ?? NO_PLATFORM;
  const { attributes, ...others } = platform ?? NO_PLATFORM;
  return { ...others, attributes: { 'container.id': container.containerId, ...attributes } };
}

function platforms(): typeof platformsModule {
  return load('./platforms.ts') as typeof platformsModule;
}
