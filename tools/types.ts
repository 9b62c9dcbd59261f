/**
 * Type-checks everything: the source, then tests, tools, benchmarks and the demo.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './node-versions.mjs';

const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
for (const project of ['.', 'test']) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, '--noEmit'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
