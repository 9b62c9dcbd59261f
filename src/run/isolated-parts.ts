/**
 * The door to the guards around the user's parts: without parts nothing is loaded.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type * as userPartsModule from './user-parts.ts';
import type { IsolatedParts } from './user-parts.ts';

const load = createRequire(import.meta.url);

const PARTS = ['spanProcessors', 'logRecordProcessors', 'sampler', 'propagator'] as const;

/** The user's parts behind their guards. */
export function isolatedParts(options: StartOptions, config: Config): IsolatedParts {
  if (PARTS.every((name) => options[name] === undefined)) return { options, alongside: (pipelines) => pipelines };
  return (load('./user-parts.ts') as typeof userPartsModule).isolateParts(options, config);
}
