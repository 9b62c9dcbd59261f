/**
 * The real programs the end-to-end tests run against: which, where they are kept, how they are brought.
 *
 * Each lives in its own folder of the git-ignored `.tools/`, named by version or by a hash of what it is made from, so
 * that a change of either brings a new one and nothing is ever updated in place.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bringCollector } from './recipes/collector.ts';
import { bringDebianPackages } from './recipes/debian.ts';
import { bringKafka } from './recipes/kafka.ts';
import { bringNode } from './recipes/node-version.ts';
import { bringPython } from './recipes/python.ts';
import { follow, type Recipe } from './recipes/recipe.ts';
import { bringSpotlight } from './recipes/spotlight.ts';
import { bringSuite } from './recipes/suite.ts';
import { bringZipkin } from './recipes/zipkin.ts';

const TOOLS_DIR = join(import.meta.dirname, '..', '..', '.tools');

/** One program, present or not. */
export interface Program {
  /** A required program that cannot be brought fails CI; an optional one is a visible skip everywhere. */
  readonly required: boolean;
  /** Exists only when the program is complete. */
  readonly dir: string;
  readonly bring: () => Promise<void>;
}

function unpacked(folder: string, recipe: Recipe, required = true): Program {
  const dir = join(TOOLS_DIR, folder);
  return { required, dir, bring: () => follow(recipe, dir) };
}

function nodeVersion(version: string): Program {
  const running = version === process.versions.node;
  const dir = running ? dirname(process.execPath) : join(TOOLS_DIR, `node-${version}`, 'node_modules');
  return { required: true, dir, bring: () => bringNode(version) };
}

/** Short hash of the files in a folder beside this one. */
function hashOf(folder: string): string {
  const path = join(import.meta.dirname, folder);
  const hash = createHash('sha256');
  for (const name of readdirSync(path).sort()) hash.update(name).update(readFileSync(join(path, name)));
  return hash.digest('hex').slice(0, 8);
}

/** The server, and the libraries it needs that not every machine has. */
const REDIS_PACKAGES = [
  'redis-server',
  'redis-tools',
  'liblzf1',
  'libjemalloc2',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
];

/** The server and what it needs of Erlang. */
const RABBITMQ_PACKAGES = [
  'rabbitmq-server',
  ...[
    'asn1',
    'base',
    'crypto',
    'eldap',
    'ftp',
    'inets',
    'mnesia',
    'os-mon',
    'parsetools',
    'public-key',
    'runtime-tools',
    'snmp',
    'ssl',
    'syntax-tools',
    'tftp',
    'tools',
    'xmerl',
  ].map((part) => `erlang-${part}`),
];

const MARIADB_PACKAGES = ['mariadb-server-core', 'libaio1', 'liburing2'];

/** All programs by name. */
export const PROGRAMS = {
  collector: unpacked(`collector-${hashOf('otelcol')}`, bringCollector),
  'debian-bookworm': unpacked('debian-bookworm-2.42', bringDebianPackages('bookworm', ['prometheus'])),
  'debian-trixie': unpacked(
    'debian-trixie-2.53',
    bringDebianPackages('trixie', ['prometheus', 'promtool', 'victoria-metrics']),
  ),
  // Rolls on: whichever 3.x it holds, or nothing.
  'debian-forky': unpacked('debian-forky-3', bringDebianPackages('forky', ['prometheus', 'promtool']), false),
  python: unpacked(`python-${hashOf('python')}`, bringPython),
  kafka: unpacked('kafka-3.9.1', bringKafka('3.9.1'), false),
  mariadb: unpacked('mariadb-10.11', bringDebianPackages('bookworm', MARIADB_PACKAGES), false),
  rabbitmq: unpacked('rabbitmq-3.10', bringDebianPackages('bookworm', RABBITMQ_PACKAGES), false),
  redis: unpacked('redis-7.0', bringDebianPackages('bookworm', REDIS_PACKAGES), false),
  spotlight: unpacked('spotlight-4.11.8', bringSpotlight('4.11.8'), false),
  'suite-express': unpacked(
    'suite-express-4.18.2',
    bringSuite('express', '4.18.2', { suite: 'bookworm', package: 'node-express', folders: ['test', 'examples'] }),
    false,
  ),
  'suite-fastify': unpacked('suite-fastify-5.12.8', bringSuite('fastify', '5.12.8'), false),
  zipkin: unpacked('zipkin-3.6.1', bringZipkin('3.6.1'), false),
  'node-20.20.2': nodeVersion('20.20.2'),
  'node-22.15.0': nodeVersion('22.15.0'),
  'node-22.22.3': nodeVersion('22.22.3'),
  'node-24.21.0': nodeVersion('24.21.0'),
  'node-26.10.0': nodeVersion('26.10.0'),
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
