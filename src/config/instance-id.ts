/**
 * `service.instance.id`: different for what runs at the same time, the same for what runs again.
 *
 * A restart, a new deployment on the same host, or the thousandth run of a CLI gets the value of the one before, so
 * that no series is made anew; the semantic conventions ask for a UUID of version 5 in that case. Apart are: hosts (or
 * the platform's instances), services, environments, main scripts of one package, `PORT`, PM2 instances, cluster
 * workers and worker threads. Two plain copies of the same script on one host cannot be told apart; they need
 * `OTEL_RESOURCE_ATTRIBUTES=service.instance.id=…`.
 * Layer: config.
 */
import { createNameUuid, SERVICE_INSTANCE_NAMESPACE } from './name-uuid.ts';
import type { Env, InstanceSource } from './platform.ts';
import type { ProcessFacts } from './process-facts.ts';

export interface InstanceInput {
  /** `service.instance.id` as configured. */
  readonly configured: string | undefined;
  readonly source: InstanceSource;
  /** What else tells instances apart, in a fixed order: service, environment, main script. */
  readonly parts: readonly string[];
  readonly process: ProcessFacts;
  readonly env: Env;
  /** Replaced in tests; used only where the platform gives no name at all. */
  readonly random?: () => number;
}

/**
 * Settles `service.instance.id`; `undefined` where the platform's copies have no lasting identity.
 *
 * A configured value wins. Cluster workers and worker threads inherit it, so they add what makes them different.
 */
export function resolveInstanceId(input: InstanceInput): string | undefined {
  const place = findPlace(input.process, input.env);
  if (input.configured !== undefined) return [input.configured, ...place].join('-');
  const { source } = input;
  if (source.kind === 'none') return undefined;
  const seed = [nameSource(source, input), ...input.parts, ...place];
  return createNameUuid(SERVICE_INSTANCE_NAMESPACE, JSON.stringify(seed));
}

function nameSource(source: Exclude<InstanceSource, { kind: 'none' }>, input: InstanceInput): string {
  if (source.kind === 'named') return `platform:${source.name}`;
  if (source.kind === 'host') return `host:${input.process.hostName}:${input.env['PORT'] ?? ''}`;
  const random = input.random ?? Math.random;
  return `fresh:${Date.now()}:${random()}:${random()}`;
}

/** What sets this process or thread apart from its siblings; empty for a program of one process. */
function findPlace(process: ProcessFacts, env: Env): string[] {
  // PM2 numbers its instances from 0 and keeps the number over restarts. In its cluster mode the number stands for the
  // cluster id, which grows with every respawn; an application's own cluster under PM2 still needs both.
  const pm2 = /^\d{1,4}$/.exec(env['NODE_APP_INSTANCE'] ?? '')?.[0];
  const worker = pm2 !== undefined && env['exec_mode'] === 'cluster_mode' ? 0 : process.clusterWorkerId;
  return [
    ...(pm2 === undefined ? [] : [`instance-${pm2}`]),
    ...(worker === 0 ? [] : [`worker-${worker}`]),
    ...(process.threadId === 0 ? [] : [`thread-${process.threadId}`]),
  ];
}
