/**
 * Loads the instrumentations inside the package, each from a chunk of its own.
 *
 * Layer: instrument.
 */
import { createRequire } from 'node:module';
import type { InstrumentationPart } from './instrumentation-part.ts';

const load = createRequire(import.meta.url);

interface Bundle {
  create(): InstrumentationPart;
}

const BUNDLES: Readonly<Record<string, () => unknown>> = {
  express: () => load('./bundles/express.ts'),
  fastify: () => load('./bundles/fastify.ts'),
  koa: () => load('./bundles/koa.ts'),
  'nestjs-core': () => load('./bundles/nestjs-core.ts'),
  graphql: () => load('./bundles/graphql.ts'),
  pg: () => load('./bundles/pg.ts'),
  mysql2: () => load('./bundles/mysql2.ts'),
  mongodb: () => load('./bundles/mongodb.ts'),
  redis: () => load('./bundles/redis.ts'),
  ioredis: () => load('./bundles/ioredis.ts'),
  kafkajs: () => load('./bundles/kafkajs.ts'),
  amqplib: () => load('./bundles/amqplib.ts'),
  pino: () => load('./bundles/pino.ts'),
  winston: () => load('./bundles/winston.ts'),
  bunyan: () => load('./bundles/bunyan.ts'),
  'aws-sdk': () => load('./bundles/aws-sdk.ts'),
  openai: () => load('./bundles/openai.ts'),
};

/**
 * Makes an instrumentation of the table.
 *
 * @throws whatever its code throws
 */
export function createBundled(name: string): InstrumentationPart {
  const bundle = BUNDLES[name]?.() as Bundle | undefined;
  if (bundle === undefined) throw new Error(`no bundle ${name}`);
  return bundle.create();
}
