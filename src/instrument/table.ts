/**
 * The instrumentations inside the package: which modules each one is for.
 *
 * A program that loads none of these modules pays for a map of forty names and nothing else. Files and versions repeat
 * what the instrumentations themselves say (a test holds them equal), so that a bundle is loaded only for a file it
 * patches, in a version it supports.
 * Layer: instrument.
 */

/** One module an instrumentation patches. */
export interface Target {
  /** Name of the package. */
  readonly module: string;
  /** Supported versions, any of them: `>=4.0.0 <6`, `^3.1.0`. */
  readonly versions: readonly string[];
  /** Files inside the package that are patched, with forward slashes; the main file when left out. */
  readonly files?: readonly string[];
  /** The main file is patched as well as `files`. */
  readonly main?: true;
  /** `import` gives another file than `require()`, an ES module. */
  readonly esModule?: true;
  /** Text of its source that survives minification and is in no other program; tells that a bundler has put it in. */
  readonly mark?: string;
}

/** One instrumentation. */
export interface Row {
  /** Name in `OTEL_NODE_ENABLED_INSTRUMENTATIONS`. */
  readonly name: string;
  /** The official package, which is also the name of its scope. */
  readonly scope: string;
  readonly targets: readonly Target[];
}

const REDIS_CLIENT = {
  versions: ['^1.0.0', '^5.0.0', '^6.0.0'],
  files: [
    'dist/lib/commander.js',
    'dist/lib/client/multi-command.js',
    'dist/lib/client/index.js',
    'dist/lib/cluster/index.js',
    'dist/lib/cluster/multi-command.js',
  ],
  main: true,
} as const;

/** Every instrumentation in the package but HTTP and fetch, which need no hook. */
export const TABLE: readonly Row[] = [
  official('express', [
    { module: 'express', versions: ['>=4.0.0 <6'], mark: 'app.use() requires a middleware function' },
  ]),
  {
    name: 'fastify',
    scope: '@fastify/otel',
    targets: [
      {
        module: 'fastify',
        versions: ['>=4.0.0 <6'],
        files: ['lib/reply.js'],
        main: true,
        mark: 'FST_ERR_CTP_ALREADY_PRESENT',
      },
    ],
  },
  official('koa', [{ module: 'koa', versions: ['>=2.0.0 <4'], mark: 'non-error thrown: %j' }]),
  official('nestjs-core', [
    {
      module: '@nestjs/core',
      versions: ['>=4.0.0 <12'],
      files: ['nest-factory.js', 'router/router-execution-context.js'],
      mark: 'Nest application successfully started',
    },
  ]),
  official('graphql', [
    {
      module: 'graphql',
      versions: ['>=14.0.0 <17'],
      files: ['execution/execute.js', 'language/parser.js', 'validation/validate.js'],
      mark: 'Query root type must be provided.',
    },
  ]),
  official('pg', [
    {
      module: 'pg',
      versions: ['>=8.0.3 <9'],
      files: ['lib/client.js', 'lib/native/client.js'],
      main: true,
      mark: 'SASL: SCRAM-SERVER-FIRST-MESSAGE',
    },
    { module: 'pg-pool', versions: ['>=2.0.0 <4'] },
  ]),
  official('mysql2', [
    {
      module: 'mysql2',
      versions: ['>=1.4.2 <4'],
      files: ['promise.js', 'lib/connection.js'],
      main: true,
      mark: 'mysql_clear_password',
    },
  ]),
  official('mongodb', [
    {
      module: 'mongodb',
      versions: ['>=3.3.0 <8'],
      files: [
        'lib/core/wireprotocol/index.js',
        'lib/cmap/connection.js',
        'lib/cmap/connection_pool.js',
        'lib/cmap/connect.js',
        'lib/sessions.js',
      ],
      mark: 'MongoServerSelectionError',
    },
  ]),
  official('redis', [
    { module: 'redis', versions: ['>=2.6.0 <4'] },
    { module: '@redis/client', ...REDIS_CLIENT, mark: 'Socket closed unexpectedly' },
    { module: '@node-redis/client', ...REDIS_CLIENT },
  ]),
  official('ioredis', [{ module: 'ioredis', versions: ['>=2.0.0 <7'], mark: 'Redis is already connecting/connected' }]),
  official('kafkajs', [
    {
      module: 'kafkajs',
      versions: ['>=0.3.0 <3'],
      files: ['src/producer/index.js', 'src/consumer/index.js'],
      main: true,
      mark: 'Invalid messages array',
    },
  ]),
  official('amqplib', [
    {
      module: 'amqplib',
      versions: ['>=0.5.5 <3'],
      files: ['lib/channel_model.js', 'lib/connect.js', 'lib/callback_model.js'],
      mark: 'Channel ended, no reply will be forthcoming',
    },
  ]),
  official('pino', [{ module: 'pino', versions: ['>=5.14.0 <11'], mark: 'default level:' }]),
  official('winston', [
    {
      module: 'winston',
      versions: ['>=1.0.0 <4'],
      files: ['lib/winston/logger.js'],
      main: true,
      mark: 'Attempt to write logs with no transports',
    },
  ]),
  official('bunyan', [{ module: 'bunyan', versions: ['>=1.0.0 <2'], mark: 'bunyan usage error' }]),
  official('aws-sdk', [
    {
      module: '@aws-sdk/middleware-stack',
      versions: ['^3.1.0'],
      files: ['dist/cjs/MiddlewareStack.js', 'dist-cjs/MiddlewareStack.js'],
    },
    { module: '@smithy/middleware-stack', versions: ['>=2.0.0'] },
    {
      module: '@smithy/core',
      versions: ['>=3.24.0'],
      files: ['dist-cjs/submodules/client/index.js'],
      mark: 'is not found when adding',
    },
    { module: '@aws-sdk/smithy-client', versions: ['^3.1.0'] },
    { module: '@smithy/smithy-client', versions: ['>=1.0.3'] },
  ]),
  official('openai', [{ module: 'openai', versions: ['>=4.19.0 <7'], esModule: true, mark: 'OpenAI-Organization' }]),
];

function official(name: string, targets: readonly Target[]): Row {
  return { name, scope: `@opentelemetry/instrumentation-${name}`, targets };
}
