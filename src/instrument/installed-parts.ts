/**
 * Official instrumentations that the application has installed beside the ones in this package.
 *
 * Found by name: `@opentelemetry/instrumentation-knex` is for `knex`. Loaded when the application loads their module.
 * Layer: instrument.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InstrumentationPart } from './instrumentation-part.ts';

/** An instrumentation somebody installed. */
export interface InstalledPart {
  /** Short name: `knex`. */
  readonly name: string;
  /** The module it is for. */
  readonly module: string;
  /** Makes it; throws what its code throws. */
  create(): InstrumentationPart;
}

const PREFIX = 'instrumentation-';

/** Where the name of the instrumentation is not the name of its module. */
const MODULES: Readonly<Record<string, string>> = {
  cucumber: '@cucumber/cucumber',
  grpc: '@grpc/grpc-js',
  hapi: '@hapi/hapi',
};

/** For what this package does itself. */
const SUPERSEDED = new Set(['undici', 'http', 'fastify', 'redis-4']);

/**
 * Those in the folders `node_modules/@opentelemetry` above `start`.
 *
 * @param bundled - names of the instrumentations in this package, which are left out
 */
export function findInstalled(start: string, bundled: ReadonlySet<string>): InstalledPart[] {
  const found = new Map<string, InstalledPart>();
  for (let folder = start; ; folder = dirname(folder)) {
    for (const entry of list(join(folder, 'node_modules', '@opentelemetry'))) {
      const name = entry.startsWith(PREFIX) ? entry.slice(PREFIX.length) : '';
      if (name === '' || found.has(name) || bundled.has(name) || SUPERSEDED.has(name)) continue;
      const create = (): InstrumentationPart => createInstalled(folder, `@opentelemetry/${entry}`);
      found.set(name, { name, module: MODULES[name] ?? name, create });
    }
    if (folder === dirname(folder)) return [...found.values()];
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Makes the instrumentation a package exports, as it is installed for a folder. Throws what its code throws. */
export function createInstalled(folder: string, name: string, settings?: object): InstrumentationPart {
  const exported = createRequire(join(folder, 'package.json'))(name) as Record<string, unknown>;
  const Class = Object.values(exported).find(isInstrumentation);
  if (Class === undefined) throw new Error(`${name} exports no instrumentation`);
  return new Class(settings);
}

function isInstrumentation(exported: unknown): exported is new (settings?: object) => InstrumentationPart {
  const prototype = typeof exported === 'function' ? (exported.prototype as Partial<InstrumentationPart>) : undefined;
  return typeof prototype?.enable === 'function' && typeof prototype.setTracerProvider === 'function';
}
