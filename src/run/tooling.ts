/**
 * Recognises package managers and build tools.
 *
 * `NODE_OPTIONS=--import=duotel/register` reaches every Node.js process below it, also `npm` and `tsc`; those are not
 * the application and are left alone.
 * Layer: run.
 */

const TOOLS = new Set(
  (
    'npm npx pnpm pnpx yarn yarnpkg corepack lerna nx turbo tsc tsserver esbuild vite rollup webpack parcel swc babel ' +
    'gulp grunt eslint oxlint oxfmt prettier biome husky lint-staged node-gyp nodemon patch-package rimraf cross-env concurrently'
  ).split(' '),
);

/**
 * Whether the program is a development tool and not an application.
 *
 * @param entry - `process.argv[1]`: `…/npm/bin/npm-cli.js`, `…/node_modules/.bin/tsc`, …
 */
export function isTooling(entry: string | undefined): boolean {
  if (entry === undefined) return false;
  const [file = '', ...folders] = entry.split(/[\\/]/).toReversed();
  const name = file.replace(/\.[cm]?js$/, '').replace(/-cli$/, '');
  if (!TOOLS.has(name)) return isToolPackage(folders);
  return folders[0] === 'bin' || folders[0] === '.bin' || folders.includes('node_modules') || name === file;
}

/** `node_modules/<tool>/…`: a tool's own file under another name. */
function isToolPackage(folders: readonly string[]): boolean {
  const modules = folders.indexOf('node_modules');
  return modules > 0 && TOOLS.has(folders[modules - 1] ?? '');
}
