/** One exact version of Node.js, by the launcher's own means; in a child process, because those are synchronous. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './recipe.ts';

const LAUNCHER = pathToFileURL(join(import.meta.dirname, '..', '..', 'node-versions.mjs')).href;

export async function bringNode(version: string): Promise<void> {
  const script = `import { ensureNode } from '${LAUNCHER}'; ensureNode('${version}')`;
  await run(process.execPath, ['--input-type=module', '-e', script]);
}
