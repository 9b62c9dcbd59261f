import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { detectPlatform, type Env, type Platform } from '../../../src/config/platform.ts';
import type { ProcessFacts } from '../../../src/config/process-facts.ts';

const PROCESS: ProcessFacts = {
  nodeVersion: '24.21.0',
  platform: 'linux',
  arch: 'x64',
  hostName: 'checkout-7d9f8b6c5-x2x4z',
  mainScript: '/app/server.js',
  workingDirectory: '/app',
  clusterWorkerId: 0,
  threadId: 0,
};

const CONTAINER_ID = '7be92808767a667f35c8505cbf40d14e931ef6db5b0210329cf193b15ba9d605';
const TASK_ID = '447438d1540d45c2b9c2ff0dc9e7e8c1';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

interface Case {
  readonly env?: Env;
  readonly files?: Readonly<Record<string, string>>;
  readonly process?: Partial<ProcessFacts>;
  readonly expect: Platform;
}

function detect({ env = {}, files = {}, process = {} }: Omit<Case, 'expect'>): Platform {
  const { serviceName, ...platform } = detectPlatform(env, { ...PROCESS, ...process }, (path) =>
    Object.hasOwn(files, path) ? (files as Record<string, string>)[path] : undefined,
  );
  return serviceName === undefined ? platform : { ...platform, serviceName };
}

function table(cases: Readonly<Record<string, Case>>): void {
  for (const [what, { expect, ...given }] of Object.entries(cases)) {
    test(what, () => assert.deepEqual(detect(given), expect));
  }
}

suite('hosted platforms', () => {
  table({
    Railway: {
      env: {
        RAILWAY_PROJECT_ID: '0b2a1c3d-1111-4222-8333-444455556666',
        RAILWAY_ENVIRONMENT_NAME: 'production',
        RAILWAY_SERVICE_NAME: 'checkout',
        RAILWAY_REPLICA_ID: '9f1c2d3e-aaaa-4bbb-8ccc-ddddeeeeffff',
        RAILWAY_REPLICA_REGION: 'us-west2',
        RAILWAY_DEPLOYMENT_ID: 'd3b07384-d9a0-4c9b-9f10-1c2d3e4f5a6b',
        RAILWAY_GIT_COMMIT_SHA: COMMIT,
        RAILWAY_GIT_AUTHOR: 'Alice <alice@example.com>',
      },
      expect: {
        attributes: {
          'cloud.provider': 'railway',
          'cloud.region': 'us-west2',
          'cloud.account.id': '0b2a1c3d-1111-4222-8333-444455556666',
          'deployment.id': 'd3b07384-d9a0-4c9b-9f10-1c2d3e4f5a6b',
        },
        instance: { kind: 'named', name: '9f1c2d3e-aaaa-4bbb-8ccc-ddddeeeeffff' },
        serviceName: 'checkout',
      },
    },
    'a laptop under `railway run`': {
      env: { RAILWAY_PROJECT_ID: 'p', RAILWAY_SERVICE_NAME: 'checkout', RAILWAY_ENVIRONMENT_NAME: 'production' },
      expect: { attributes: {}, instance: { kind: 'host' } },
    },
    'ECS on Fargate': {
      env: {
        ECS_CONTAINER_METADATA_URI_V4: `http://169.254.170.2/v4/${TASK_ID}-2531612879`,
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
        AWS_REGION: 'eu-central-1',
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/secret',
      },
      files: { '/proc/self/cgroup': `4:memory:/ecs/${TASK_ID}/${TASK_ID}-2531612879\n` },
      expect: {
        attributes: {
          'container.id': `${TASK_ID}-2531612879`,
          'cloud.provider': 'aws',
          'cloud.platform': 'aws_ecs',
          'cloud.region': 'eu-central-1',
          'aws.ecs.task.id': TASK_ID,
          'aws.ecs.launchtype': 'fargate',
        },
        instance: { kind: 'named', name: `${TASK_ID}-2531612879` },
      },
    },
    'ECS on EC2': {
      env: {
        ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/5fb8fcdd-29f2-490f-8229-c1269d11a9d9',
        AWS_EXECUTION_ENV: 'AWS_ECS_EC2',
        AWS_DEFAULT_REGION: 'us-east-1',
      },
      files: { '/proc/self/cgroup': `9:perf_event:/ecs/${TASK_ID}/${CONTAINER_ID}\n` },
      expect: {
        attributes: {
          'container.id': CONTAINER_ID,
          'cloud.provider': 'aws',
          'cloud.platform': 'aws_ecs',
          'cloud.region': 'us-east-1',
          'aws.ecs.launchtype': 'ec2',
        },
        instance: { kind: 'named', name: '5fb8fcdd-29f2-490f-8229-c1269d11a9d9' },
      },
    },
    'a Cloud Run service': {
      env: { K_SERVICE: 'checkout', K_REVISION: 'checkout-00042-xyz', K_CONFIGURATION: 'checkout', PORT: '8080' },
      process: { hostName: 'localhost' },
      expect: {
        attributes: {
          'cloud.provider': 'gcp',
          'cloud.platform': 'gcp_cloud_run',
          'faas.name': 'checkout',
          'faas.version': 'checkout-00042-xyz',
        },
        instance: { kind: 'fresh' },
        serviceName: 'checkout',
      },
    },
    'a Cloud Run job names its task, not its execution': {
      env: {
        CLOUD_RUN_JOB: 'nightly',
        CLOUD_RUN_EXECUTION: 'nightly-abc12',
        CLOUD_RUN_TASK_INDEX: '3',
        CLOUD_RUN_TASK_ATTEMPT: '0',
      },
      process: { hostName: 'localhost' },
      expect: {
        attributes: {
          'cloud.provider': 'gcp',
          'cloud.platform': 'gcp_cloud_run',
          'faas.name': 'nightly',
          'gcp.cloud_run.job.task_index': 3,
        },
        instance: { kind: 'named', name: 'nightly/3' },
        serviceName: 'nightly',
      },
    },
    'a Cloud Run function': {
      env: { K_SERVICE: 'resize', K_REVISION: 'resize-00001', FUNCTION_TARGET: 'resizeImage' },
      expect: {
        attributes: {
          'cloud.provider': 'gcp',
          'cloud.platform': 'gcp_cloud_functions',
          'faas.name': 'resize',
          'faas.version': 'resize-00001',
        },
        instance: { kind: 'fresh' },
        serviceName: 'resize',
      },
    },
    Fly: {
      env: {
        FLY_APP_NAME: 'checkout',
        FLY_MACHINE_ID: '3d8d9930b32189',
        FLY_ALLOC_ID: '3d8d9930b32189',
        FLY_REGION: 'ams',
        FLY_PUBLIC_IP: '2605:4c40::1',
        FLY_IMAGE_REF: 'registry.fly.io/checkout:deployment-01H9RK9EYO9PGNBYAKGXSHV0PH',
      },
      expect: {
        attributes: { 'cloud.provider': 'fly', 'cloud.region': 'ams', 'host.id': '3d8d9930b32189' },
        instance: { kind: 'named', name: '3d8d9930b32189' },
        serviceName: 'checkout',
      },
    },
    'a web dyno of Heroku with its metadata': {
      env: {
        DYNO: 'web.1',
        HEROKU_APP_ID: '9daa2797-e49b-4624-932f-ec3f9688e3da',
        HEROKU_APP_NAME: 'checkout',
        HEROKU_SLUG_COMMIT: COMMIT,
        HEROKU_RELEASE_CREATED_AT: '2026-11-20T18:00:42Z',
        PORT: '52811',
      },
      expect: {
        attributes: {
          'cloud.provider': 'heroku',
          'heroku.app.id': '9daa2797-e49b-4624-932f-ec3f9688e3da',
          'heroku.release.commit': COMMIT,
          'heroku.release.creation_timestamp': '2026-11-20T18:00:42Z',
        },
        instance: { kind: 'named', name: '9daa2797-e49b-4624-932f-ec3f9688e3da/web.1' },
        serviceName: 'checkout',
      },
    },
    'a one-off dyno loses its random number': {
      env: { DYNO: 'run.4821', HEROKU_APP_NAME: 'checkout' },
      expect: {
        attributes: { 'cloud.provider': 'heroku' },
        instance: { kind: 'named', name: 'checkout/run' },
        serviceName: 'checkout',
      },
    },
    'a dyno without metadata may be Dokku': {
      env: { DYNO: 'web.2' },
      expect: { attributes: {}, instance: { kind: 'named', name: '/web.2' } },
    },
    Vercel: {
      env: {
        VERCEL: '1',
        VERCEL_ENV: 'production',
        VERCEL_REGION: 'iad1',
        VERCEL_URL: 'shop-abc.vercel.app',
        VERCEL_DEPLOYMENT_ID: 'dpl_7Gw5ZMBpQA8h9GF832KGp7nwbuh3',
        VERCEL_GIT_COMMIT_SHA: COMMIT,
        VERCEL_GIT_COMMIT_AUTHOR_LOGIN: 'alice',
      },
      expect: {
        attributes: {
          'cloud.provider': 'vercel',
          'cloud.region': 'iad1',
          'deployment.id': 'dpl_7Gw5ZMBpQA8h9GF832KGp7nwbuh3',
        },
        instance: { kind: 'none' },
      },
    },
    'a laptop with variables pulled from Vercel': {
      env: { VERCEL: '1', VERCEL_ENV: 'development' },
      expect: { attributes: {}, instance: { kind: 'host' } },
    },
    'a plain host': {
      files: {
        '/proc/self/cgroup': '0::/user.slice/user-1000.slice/session-2.scope\n',
        '/proc/self/mountinfo': '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n',
      },
      expect: { attributes: {}, instance: { kind: 'host' } },
    },
  });
});

test('nothing is read where there is no /proc', () => {
  const read: string[] = [];
  detectPlatform({}, { ...PROCESS, platform: 'darwin' }, (path) => {
    read.push(path);
    return undefined;
  });
  assert.deepEqual(read, []);
});
