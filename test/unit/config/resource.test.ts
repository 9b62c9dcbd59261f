import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from '../../support/fast-check.ts';
import type { ResourceConfig } from '../../../src/config/config.ts';
import type { ProcessFacts } from '../../../src/config/process-facts.ts';
import { createResource, type ResourceInput, type ResourceResult } from '../../../src/config/resource.ts';

const CONFIG: ResourceConfig = {
  serviceName: undefined,
  serviceVersion: undefined,
  environment: 'staging',
  release: undefined,
  attributes: {},
};

const PROCESS: ProcessFacts = {
  nodeVersion: '24.21.0',
  platform: 'linux',
  arch: 'x64',
  hostName: 'web-01',
  mainScript: '/home/alice/shop/dist/server.js',
  workingDirectory: '/home/alice/shop',
  clusterWorkerId: 0,
  threadId: 0,
};

const FILES: Readonly<Record<string, string>> = {
  '/home/alice/shop/package.json': '{ "name": "@acme/shop", "version": "1.2.3" }',
};

interface Given {
  readonly config?: Partial<ResourceConfig>;
  readonly process?: Partial<ProcessFacts>;
  readonly env?: ResourceInput['env'];
  readonly files?: Readonly<Record<string, string>>;
}

function create(given: Given = {}): ResourceResult {
  const files = given.files ?? FILES;
  return createResource({
    config: { ...CONFIG, ...given.config },
    process: { ...PROCESS, ...given.process },
    env: given.env ?? {},
    readFile: (path) => files[path],
    distroVersion: '0.1.0',
    sdkVersion: '3.1.0',
  });
}

function instanceOf(given: Given): string | number | undefined {
  return create(given).attributes['service.instance.id'];
}

test('a plain host gives service, host, runtime and SDK, and nothing else', () => {
  const { attributes, ...rest } = create();
  const { 'service.instance.id': instance, ...others } = attributes;
  assert.match(String(instance), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(others, {
    'service.name': '@acme/shop',
    'service.version': '1.2.3',
    'deployment.environment.name': 'staging',
    'host.name': 'web-01',
    'host.arch': 'amd64',
    'os.type': 'linux',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': '24.21.0',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': '3.1.0',
    'telemetry.distro.name': 'duotel',
    'telemetry.distro.version': '0.1.0',
  });
  assert.deepEqual(rest, {
    serviceNameOrigin: 'package.json',
    release: '1.2.3',
    application: { name: '@acme/shop', version: '1.2.3', entry: 'dist/server.js', dependencies: new Set() },
    environment: 'staging',
    issues: [],
  });
});

test('configured attributes win over detected ones, but not over the SDK about itself', () => {
  const attributes = {
    'host.name': 'renamed',
    'service.namespace': 'retail',
    team: 'red',
    'telemetry.sdk.name': 'other',
    'deployment.environment.name': 'ignored: the settled environment stands',
  };
  const made = create({ config: { attributes } }).attributes;
  assert.equal(made['host.name'], 'renamed');
  assert.equal(made['service.namespace'], 'retail');
  assert.equal(made['team'], 'red');
  assert.equal(made['telemetry.sdk.name'], 'opentelemetry');
  assert.equal(made['deployment.environment.name'], 'staging');
});

test('names of systems and architectures are those of the semantic conventions', () => {
  const cases = [
    ['win32', 'ia32', 'windows', 'x86'],
    ['darwin', 'arm64', 'darwin', 'arm64'],
    ['sunos', 'arm', 'solaris', 'arm32'],
  ] as const;
  for (const [platform, arch, osType, hostArch] of cases) {
    const { attributes } = create({ process: { platform, arch } });
    assert.deepEqual([attributes['os.type'], attributes['host.arch']], [osType, hostArch]);
  }
});

suite('version and release', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const env = { RAILWAY_GIT_COMMIT_SHA: commit };
  const cases: readonly (readonly [
    what: string,
    given: Given,
    version: string | undefined,
    release: string | undefined,
  ])[] = [
    ['a configured version is the release too', { config: { serviceVersion: '9.0.0' }, env }, '9.0.0', '9.0.0'],
    ['a configured release is the version too', { config: { release: 'shop@9' }, env }, 'shop@9', 'shop@9'],
    ['both configured stay apart', { config: { serviceVersion: '9.0.0', release: 'shop@9' } }, '9.0.0', 'shop@9'],
    [
      'service.version among the attributes counts',
      { config: { attributes: { 'service.version': '8' } }, env },
      '8',
      '8',
    ],
    ['the git commit of the platform wins over package.json', { env }, commit, commit],
    ['package.json comes last', {}, '1.2.3', '1.2.3'],
    ['without any there is none', { files: {} }, undefined, undefined],
    ['a commit variable without a commit in it is ignored', { env: { SOURCE_VERSION: 'main' } }, '1.2.3', '1.2.3'],
  ];
  for (const [what, given, version, release] of cases) {
    test(what, () => {
      const made = create(given);
      assert.deepEqual([made.attributes['service.version'], made.release], [version, release]);
    });
  }

  test('the commit is named whatever the version is', () => {
    assert.equal(create({ config: { serviceVersion: '1' }, env }).attributes['vcs.ref.head.revision'], commit);
  });
});

suite('instance', () => {
  test('1,000 runs and restarts have one instance id', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => instanceOf({})));
    assert.equal(ids.size, 1);
  });

  test('a cluster primary, four workers and two threads are seven instances', () => {
    const processes: Partial<ProcessFacts>[] = [
      {},
      ...[1, 2, 3, 4].map((clusterWorkerId) => ({ clusterWorkerId })),
      ...[1, 2].map((threadId) => ({ threadId })),
    ];
    for (const config of [{}, { attributes: { 'service.instance.id': 'mine' } }]) {
      assert.equal(new Set(processes.map((process) => instanceOf({ config, process }))).size, 7);
    }
  });
});

/** Everything of a private kind that a process knows about itself. */
const PRIVATE = [
  '/home/alice',
  'alice@example.com',
  'C:\\Users\\alice',
  '--password=hunter2',
  'node /srv/app.js --token x',
];
const PLATFORM_VARIABLES = [
  'HOME', 'USER', 'LOGNAME', 'USERPROFILE', 'PWD', 'OLDPWD', 'PATH', '_', 'npm_lifecycle_script', 'npm_config_user_agent',
  'INIT_CWD', 'SUDO_COMMAND', 'KUBERNETES_SERVICE_HOST', 'POD_NAME', 'POD_NAMESPACE', 'NAMESPACE', 'NODE_NAME', 'POD_UID',
  'K8S_POD_NAME', 'K8S_CLUSTER_NAME', 'CONTAINER_NAME', 'RAILWAY_REPLICA_ID', 'RAILWAY_DEPLOYMENT_ID', 'RAILWAY_SERVICE_NAME',
  'RAILWAY_REPLICA_REGION', 'RAILWAY_PROJECT_ID', 'RAILWAY_GIT_COMMIT_SHA', 'FLY_MACHINE_ID', 'FLY_APP_NAME', 'FLY_REGION',
  'VERCEL', 'VERCEL_REGION', 'VERCEL_DEPLOYMENT_ID', 'ECS_CONTAINER_METADATA_URI_V4', 'AWS_REGION', 'AWS_EXECUTION_ENV',
  'K_SERVICE', 'K_REVISION', 'CLOUD_RUN_JOB', 'CLOUD_RUN_TASK_INDEX', 'GOOGLE_CLOUD_PROJECT', 'FUNCTION_TARGET', 'DYNO',
  'HEROKU_APP_ID', 'HEROKU_APP_NAME', 'HEROKU_SLUG_COMMIT', 'HEROKU_RELEASE_CREATED_AT', 'NODE_APP_INSTANCE', 'PORT',
  'GITHUB_SHA', 'SOURCE_VERSION', 'GIT_COMMIT',
]; // prettier-ignore
const FORBIDDEN_ATTRIBUTES =
  /^process\.(?:command|owner|executable|pid|parent_pid|args|working_directory)|^(?:user|enduser)\./;

suite('privacy', () => {
  test('no environment brings a path, command line or owner into the resource', () => {
    const variable = fc.constantFrom(...PLATFORM_VARIABLES);
    const secret = fc
      .constantFrom(...PRIVATE)
      .chain((part) => fc.tuple(fc.string({ maxLength: 8 }), fc.constant(part)));
    const value = fc.oneof(
      secret.map(([before, part]) => `${before}${part}`),
      fc.constantFrom(
        '1',
        'true',
        'web.1',
        'us-west-2',
        'abc-123',
        'AWS_ECS_FARGATE',
        'http://169.254.170.2/v4/abcdef0123',
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(variable, value, { maxKeys: PLATFORM_VARIABLES.length }), (env) => {
        for (const [name, text] of Object.entries(create({ env }).attributes)) {
          assert.doesNotMatch(name, FORBIDDEN_ATTRIBUTES);
          for (const part of PRIVATE)
            assert.ok(!String(text).includes(part), `${name}=${text} from ${JSON.stringify(env)}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('nothing of the main script or working directory is in any attribute', () => {
    const secret = {
      mainScript: '/home/alice/secret-folder/secret-script.js',
      workingDirectory: '/home/alice/secret-folder',
    };
    for (const files of [{}, { '/home/alice/secret-folder/package.json': '{"name":"shop"}' }]) {
      const text = JSON.stringify(create({ process: secret, files }).attributes);
      assert.doesNotMatch(text, /alice|secret/);
    }
  });

  test('a package.json is bounded and cleaned', () => {
    const name = `shop\u0000\u001B[31m\n${'x'.repeat(5000)}`;
    const files = { '/home/alice/shop/package.json': JSON.stringify({ name, version: { object: true } }) };
    const { attributes } = create({ files });
    assert.equal(String(attributes['service.name']).length, 256);
    // oxlint-disable-next-line no-control-regex -- control characters are what must be gone
    assert.doesNotMatch(String(attributes['service.name']), /[\u0000-\u001F]/);
    assert.equal(attributes['service.version'], undefined);
  });
});

test('any files and variables give a resource of texts and numbers, never an exception', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...PLATFORM_VARIABLES), fc.string()), fc.string(), (env, file) => {
      const made = createResource({
        config: CONFIG,
        process: PROCESS,
        env,
        readFile: () => file,
        distroVersion: '0.1.0',
        sdkVersion: '3.1.0',
      });
      for (const value of Object.values(made.attributes)) assert.match(typeof value, /^(?:string|number)$/);
    }),
  );
});
