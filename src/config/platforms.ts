/**
 * The platforms that can be told by their variables.
 *
 * Attribute names and values: OpenTelemetry semantic conventions (cloud, k8s, faas, aws.ecs, heroku). Platforms without a
 * registered `cloud.provider` value use their own name, as the conventions allow. What is new for every run (execution
 * ids) is left out: it would make a new series of `target_info` each time.
 * Layer: config. Loaded when a variable or a mount gives reason to.
 */
import type { ReadFile } from './application-package.ts';
import { toIdentifier } from './attribute-text.ts';
import type { ContainerFacts } from './container.ts';
import { detectKubernetes } from './kubernetes.ts';
import type { Env, Platform } from './platform.ts';

/** The platform this process runs on; `undefined` when it is none of these. */
export function identifyPlatform(
  env: Env,
  hostName: string,
  container: ContainerFacts,
  readFile: ReadFile,
): Platform | undefined {
  return (
    detectRailway(env) ??
    detectFly(env) ??
    detectVercel(env) ??
    detectKubernetes(env, hostName, container, readFile) ??
    detectEcs(env) ??
    detectCloudRun(env) ??
    detectHeroku(env)
  );
}

/** `railway run` gives a laptop the service's variables, but no replica and no deployment. */
function detectRailway(env: Env): Platform | undefined {
  const replica = toIdentifier(env['RAILWAY_REPLICA_ID']);
  const deployment = toIdentifier(env['RAILWAY_DEPLOYMENT_ID']);
  if (replica === undefined && deployment === undefined) return undefined;
  return {
    attributes: present({
      'cloud.provider': 'railway',
      'cloud.region': env['RAILWAY_REPLICA_REGION'],
      'cloud.account.id': env['RAILWAY_PROJECT_ID'],
      'deployment.id': deployment,
    }),
    instance: replica === undefined ? { kind: 'host' } : { kind: 'named', name: replica },
    serviceName: toIdentifier(env['RAILWAY_SERVICE_NAME']),
  };
}

function detectFly(env: Env): Platform | undefined {
  const machine = toIdentifier(env['FLY_MACHINE_ID']) ?? toIdentifier(env['FLY_ALLOC_ID']);
  if (machine === undefined) return undefined;
  return {
    attributes: present({ 'cloud.provider': 'fly', 'cloud.region': env['FLY_REGION'], 'host.id': machine }),
    instance: { kind: 'named', name: machine },
    serviceName: toIdentifier(env['FLY_APP_NAME']),
  };
}

/** `vercel env pull` writes the same variables on a laptop, with the environment `development`. */
function detectVercel(env: Env): Platform | undefined {
  if (env['VERCEL'] !== '1' || env['VERCEL_ENV'] === 'development') return undefined;
  return {
    attributes: present({
      'cloud.provider': 'vercel',
      'cloud.region': env['VERCEL_REGION'],
      'deployment.id': env['VERCEL_DEPLOYMENT_ID'],
    }),
    instance: { kind: 'none' },
  };
}

/** The metadata address ends in an id of the container; on Fargate its first part is the id of the task. */
function detectEcs(env: Env): Platform | undefined {
  const uri = env['ECS_CONTAINER_METADATA_URI_V4'] || env['ECS_CONTAINER_METADATA_URI'];
  if (!uri) return undefined;
  const id = /\/v[34]\/([\w-]{8,100})\/?$/.exec(uri.trim())?.[1];
  return {
    attributes: present({
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'cloud.region': env['AWS_REGION'] || env['AWS_DEFAULT_REGION'],
      'aws.ecs.task.id': /^([0-9a-f]{32})-\d+$/.exec(id ?? '')?.[1],
      'aws.ecs.launchtype': { AWS_ECS_FARGATE: 'fargate', AWS_ECS_EC2: 'ec2' }[env['AWS_EXECUTION_ENV'] ?? ''],
    }),
    instance: id === undefined ? { kind: 'host' } : { kind: 'named', name: id },
  };
}

/** Knative sets `K_SERVICE` in any Kubernetes cluster: that is why Kubernetes is asked before. */
function detectCloudRun(env: Env): Platform | undefined {
  const job = toIdentifier(env['CLOUD_RUN_JOB']);
  const name = job ?? toIdentifier(env['K_SERVICE']);
  if (name === undefined) return undefined;
  const task = /^\d{1,9}$/.test(env['CLOUD_RUN_TASK_INDEX'] ?? '') ? Number(env['CLOUD_RUN_TASK_INDEX']) : undefined;
  return {
    attributes: present({
      'cloud.provider': 'gcp',
      'cloud.platform': env['FUNCTION_TARGET'] ? 'gcp_cloud_functions' : 'gcp_cloud_run',
      'cloud.account.id': env['GOOGLE_CLOUD_PROJECT'],
      'faas.name': name,
      'faas.version': job === undefined ? env['K_REVISION'] : undefined,
      ...(job === undefined ? {} : { 'gcp.cloud_run.job.task_index': task }),
    }),
    // Only the metadata server knows a service's instance id, and every container there is called `localhost`.
    instance: job === undefined ? { kind: 'fresh' } : { kind: 'named', name: `${job}/${task ?? 0}` },
    serviceName: name,
  };
}

/** Dokku sets `DYNO` too; without Heroku's dyno metadata nothing is said about the provider. */
function detectHeroku(env: Env): Platform | undefined {
  const [, type, ordinal] = /^([a-z][\w-]{0,62})\.(\d{1,9})$/i.exec(env['DYNO'] ?? '') ?? [];
  if (type === undefined || ordinal === undefined) return undefined;
  const app = toIdentifier(env['HEROKU_APP_ID']);
  const name = toIdentifier(env['HEROKU_APP_NAME']);
  // One-off dynos (`run.4821`, `scheduler.1093`) are numbered at random: the number would churn with every run.
  const dyno = type === 'run' || type === 'scheduler' || type === 'release' ? type : `${type}.${ordinal}`;
  return {
    attributes: present({
      'cloud.provider': (app ?? name ?? env['HEROKU_SLUG_COMMIT']) ? 'heroku' : undefined,
      'heroku.app.id': app,
      'heroku.release.commit': env['HEROKU_BUILD_COMMIT'] || env['HEROKU_SLUG_COMMIT'],
      'heroku.release.creation_timestamp': env['HEROKU_RELEASE_CREATED_AT'],
    }),
    instance: { kind: 'named', name: `${app ?? name ?? ''}/${dyno}` },
    serviceName: name,
  };
}

/** Keeps what is set and looks like an identifier. */
function present(attributes: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const usable = typeof value === 'string' ? toIdentifier(value) : value;
    if (usable !== undefined) kept[name] = usable;
  }
  return kept;
}
