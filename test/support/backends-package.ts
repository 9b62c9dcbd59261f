/** The package as users get it: packed by npm from `dist/` and installed into a folder of its own. */
import { existsSync } from 'node:fs';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../tools/backends/recipes/recipe.ts';
import { ROOT } from './backends-app.ts';
import { temporaryFolder, type Owner } from './backends.ts';

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];

/** Packs the package. Returns the path of the tarball. */
async function pack(owner: Owner): Promise<string> {
  if (!existsSync(join(ROOT, 'dist', 'index.js'))) throw new Error('dist/ is missing: npm run build');
  const folder = await temporaryFolder(owner);
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], ROOT);
  const [tarball = ''] = await readdir(folder);
  return join(folder, tarball);
}

/** An application folder with the packed package and these others installed. Returns its path. */
export async function installPacked(owner: Owner, others: readonly string[] = []): Promise<string> {
  const folder = await temporaryFolder(owner);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', ...QUIET, '--no-package-lock', await pack(owner), ...others], folder);
  return folder;
}

/** A copy of a folder of `examples/` with its locked dependencies and the packed package installed. Returns its path. */
export async function installExample(owner: Owner, name: string): Promise<string> {
  const folder = await temporaryFolder(owner);
  const source = join(ROOT, 'examples', name);
  await cp(source, folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  await run('npm', ['ci', ...QUIET], folder);
  await run('npm', ['install', ...QUIET, '--no-save', await pack(owner)], folder);
  return folder;
}
