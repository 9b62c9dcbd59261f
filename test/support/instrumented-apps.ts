/**
 * Programs for the tests of instrumentations: one per database and broker, and every form a program can have.
 *
 * Each listens on a free port, prints it, and answers with the id of its trace when the server at `SERVER_ADDRESS` has
 * answered. The packages it needs are installed where it runs, not here.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a program is written. `bundle` has its packages inside. */
export type Form = 'cjs' | 'mjs' | 'mts' | 'tsx' | 'bundle';

/** What is installed for all of them. */
export const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.10.0',
  'pg@8',
  'ioredis@5',
  'amqplib@0.10',
  'kafkajs@2',
  'mysql2@3',
];

const TRACE_ID = 'trace.getActiveSpan()?.spanContext().traceId';

const PROGRAMS = {
  postgres: `
import http from 'node:http';
import pg from 'pg';
const pool = new pg.Pool({ connectionString: process.env.SERVER_ADDRESS });
const server = http.createServer(async (request, response) => {
  await pool.query('SELECT 1 AS one');
  response.end(String(${TRACE_ID}));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,

  redis: `
import http from 'node:http';
import Redis from 'ioredis';
const redis = new Redis(process.env.SERVER_ADDRESS);
const server = http.createServer(async (request, response) => {
  await redis.set('user', '7');
  response.end(String(${TRACE_ID}));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,

  rabbit: `
import http from 'node:http';
import { once } from 'node:events';
import amqp from 'amqplib';
const connection = await amqp.connect(process.env.SERVER_ADDRESS);
const channel = await connection.createChannel();
await channel.assertQueue('jobs');
const jobs = new EventTarget();
await channel.consume('jobs', (message) => {
  jobs.dispatchEvent(new CustomEvent('done', { detail: String(${TRACE_ID}) }));
  channel.ack(message);
});
const server = http.createServer(async (request, response) => {
  const done = once(jobs, 'done');
  channel.sendToQueue('jobs', Buffer.from('7'));
  const [{ detail }] = await done;
  response.end(detail);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,

  kafka: `
import http from 'node:http';
import { once } from 'node:events';
import { Kafka, logLevel } from 'kafkajs';
const kafka = new Kafka({ brokers: [process.env.SERVER_ADDRESS], logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'jobs', numPartitions: 1 }] });
await admin.disconnect();
const producer = kafka.producer();
await producer.connect();
const consumer = kafka.consumer({ groupId: 'workers' });
await consumer.connect();
await consumer.subscribe({ topic: 'jobs', fromBeginning: true });
const jobs = new EventTarget();
await consumer.run({
  eachMessage: async () => void jobs.dispatchEvent(new CustomEvent('done', { detail: String(${TRACE_ID}) })),
});
const server = http.createServer(async (request, response) => {
  const done = once(jobs, 'done');
  await producer.send({ topic: 'jobs', messages: [{ value: '7' }] });
  const [{ detail }] = await done;
  response.end(detail);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,

  mysql: `
import http from 'node:http';
import mysql from 'mysql2/promise';
const pool = mysql.createPool(process.env.SERVER_ADDRESS);
const server = http.createServer(async (request, response) => {
  await pool.query('SELECT 1 AS one');
  response.end(String(${TRACE_ID}));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
} as const;

/** What it talks to. */
export type ProgramFor = keyof typeof PROGRAMS;

/** Writes a program into a folder that has {@link PACKAGES}. Returns arguments for node, without the preload. */
export function writeProgramFor(folder: string, server: ProgramFor): string[] {
  return writeProgram(folder, server, 'mjs', `import { trace } from '@opentelemetry/api';${PROGRAMS[server]}\n`);
}

/** Writes an ES module in one of the forms. Returns arguments for node, without the preload. */
export function writeProgram(folder: string, name: string, form: Form, source: string): string[] {
  const typed = `const answer: number = 42; void answer;\n${source}`;
  switch (form) {
    case 'cjs':
      return write(folder, `${name}.cjs`, toCommonJs(source));
    case 'mjs':
      return write(folder, `${name}.mjs`, source);
    case 'mts':
      return write(folder, `${name}.mts`, `// @ts-nocheck\n${typed}`);
    case 'tsx':
      // What plain type stripping refuses.
      return ['--import', 'tsx', ...write(folder, `${name}.mts`, `enum Colour { Red }\nvoid Colour.Red;\n${typed}`)];
    case 'bundle':
      return bundle(folder, name, write(folder, `${name}.source.mjs`, source));
  }
}

function write(folder: string, file: string, text: string): string[] {
  writeFileSync(join(folder, file), text);
  return [join(folder, file)];
}

function toCommonJs(source: string): string {
  return source.replaceAll(/^import (?:(.+) from )?('[^']+');$/gm, (_, names?: string, from = '') =>
    names === undefined ? `require(${from});` : `const ${names} = require(${from});`,
  );
}

/** Nest asks for them if they are installed. */
const ABSENT = ['@nestjs/microservices', '@nestjs/websockets', 'class-transformer', 'class-validator'].map(
  (name) => `--external:${name}`,
);

function bundle(folder: string, name: string, [source = '']: string[]): string[] {
  const file = join(folder, `${name}.bundle.cjs`);
  const options = ['--bundle', '--platform=node', '--minify', '--legal-comments=none', ...ABSENT];
  const args = [source, ...options, `--outfile=${file}`];
  const { status, stderr } = spawnSync(join(folder, 'node_modules/.bin/esbuild'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return [file];
}
