/** Spotlight, Sentry's own receiver of envelopes for development. A newer hono than this makes each request fail. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Recipe } from './recipe.ts';

export function bringSpotlight(version: string): Recipe {
  return async (dir) => {
    const manifest = {
      private: true,
      dependencies: { '@spotlightjs/spotlight': version },
      overrides: { hono: '4.12.25' },
    };
    await writeFile(join(dir, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], dir);
  };
}
