/** The OpenTelemetry Collector, built from the locked manifest in `otelcol/`. Needs Go; 6 to 9 minutes on two cores. */
import { join } from 'node:path';
import { run } from './recipe.ts';

const BUILD = join(import.meta.dirname, '..', 'otelcol', 'build.sh');

export async function bringCollector(dir: string): Promise<void> {
  await run('go', ['version']);
  await run('bash', [BUILD, join(dir, 'otelcol')]);
}
