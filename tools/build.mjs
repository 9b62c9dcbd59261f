/**
 * Builds `dist/`: two passes of esbuild, then declarations.
 *
 * Pass 1 bundles and splits (esbuild splits ES modules only), pass 2 turns each chunk into CommonJS, which loads
 * several times faster than ES modules. Modules named in `load('./x.ts')` become chunks of their own that are read at
 * their first use. Each public entry gets a tiny ES module, the door, that re-exports its CommonJS chunk, and another one
 * for bundlers.
 *
 * Runs on Node 20.19 or newer, because `npm ci` calls it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import esbuild from 'esbuild';
import { ROOT } from './node-versions.mjs';
import { pruneDeclarations } from './prune-declarations.mjs';
import { writeNotices } from './third-party-notices.mjs';

const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
/** Built beside and swapped in whole, so that a program that starts meanwhile finds the old build or the new one. */
const OUT = join(ROOT, `dist.${process.pid}`);
const DOORS = ['index', 'register', 'node-sdk', 'sentry', 'testing'].filter((door) =>
  existsSync(join(SRC, `${door}.ts`)),
);
const LOAD = /\bload\('(\.{1,2}\/[^']+)\.ts'\)/g;

const chunkName = (file) => relative(SRC, file).split(sep).join('-').replace(/\.ts$/, '');
const sources = readdirSync(SRC, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));
const lazy = new Set(
  sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(LOAD)].map((match) => resolve(dirname(file), `${match[1]}.ts`)),
  ),
);

/**
 * What is loaded together, and so had better be one file: the start, the first use of any signal, the first metric, an
 * endpoint; with a name each exports.
 *
 * esbuild cuts the code by which entries reach it: what five lazy chunks share with one of these would be five files more,
 * each of which costs a quarter of a millisecond. So a lazy chunk that shares code with one exports the whole of it;
 * the start, which has to be there before anything is lazy, in any case.
 */
const WHOLE = [
  [join(SRC, 'run/start.ts'), 'start'],
  [join(SRC, 'run/sdk.ts'), 'createSdkResource'],
  [join(SRC, 'metrics/provider.ts'), 'createMetrics'],
  [join(SRC, 'config/otlp-destination.ts'), 'createOtlpResolver'],
];

/** Files each entry reaches, by the path of the entry; empty while they are being looked up. */
const reached = new Map();

/** Such an export from each whole, up to the file itself, that brings files of its own which this entry reaches too. */
function exportsOfWhole(path) {
  const [[start, startName], ...others] = WHOLE;
  const exports = [`export { ${startName} as __${startName} } from '${start}';`];
  const covered = new Set(reached.get(join(SRC, 'index.ts')));
  for (const [whole, name] of others) {
    if (whole === path) break;
    const own = [...(reached.get(whole) ?? [])].filter((file) => !covered.has(file));
    for (const file of own) covered.add(file);
    if (own.some((file) => reached.get(path).has(file)))
      exports.push(`export { ${name} as __${name} } from '${whole}';`);
  }
  return `\n${exports.join('\n')}`;
}

/** `load('./x.ts')` in the source is `require('./x.cjs')` in the chunk. */
const lazyChunks = {
  name: 'lazy-chunks',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!path.startsWith(SRC + sep)) return undefined;
      const contents = readFileSync(path, 'utf8')
        .replaceAll(LOAD, (_, target) => `__load("./${chunkName(resolve(dirname(path), `${target}.ts`))}.cjs")`)
        .replace(/^const load = createRequire\(import\.meta\.url\);$/m, '');
      return {
        contents: lazy.has(path) ? contents + exportsOfWhole(path) : contents,
        loader: 'ts',
      };
    });
  },
};

/**
 * The SDK makes a `WeakSet` for each attribute of each span, to find circles in its value; texts, numbers and booleans,
 * which nearly all values are, have none. Fails when upstream changes the line, as it should one day.
 */
const plainAttributes = {
  name: 'plain-attributes',
  setup(build) {
    build.onLoad({ filter: /@opentelemetry[\\/]core[\\/]dist[\\/]common[\\/]attributes\.mjs$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const line = 'return isAnyValueInternal(val, /* @__PURE__ */ new WeakSet());';
      if (text.split(line).length !== 2)
        throw new Error(`${path} has changed: see plain-attributes in tools/build.mjs`);
      return { contents: text.replace(line, `if (typeof val !== 'object') return isAnyValueInternal(val);${line}`) };
    });
  },
};

/** What hooks the module system inside the instrumentations; ours does it for all of them. */
const HOOKS = /^(?:require|import)-in-the-middle$/;

const instrumentations = {
  name: 'instrumentations',
  setup(build) {
    build.onResolve({ filter: HOOKS }, () => ({ path: join(SRC, 'instrument/upstream-hooks.ts') }));
  },
};

mkdirSync(OUT);
process.on('exit', () => rmSync(OUT, { recursive: true, force: true }));

const bundling = {
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries([
    ...DOORS.map((door) => [door, join(SRC, `${door}.ts`)]),
    ...[...lazy].map((file) => [chunkName(file), file]),
  ]),
  outdir: OUT,
  outExtension: { '.js': '.cjs' },
  chunkNames: 'shared-[hash]',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['import', 'module'],
  mainFields: ['module', 'main'],
  external: ['node:*'],
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  plugins: [lazyChunks, plainAttributes, instrumentations],
  logLevel: 'warning',
};
const { metafile: alone } = await esbuild.build({ ...bundling, write: false });
for (const { entryPoint, inputs } of Object.values(alone.outputs)) {
  const files = Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0);
  reached.set(join(ROOT, entryPoint), new Set(files));
}
const { metafile } = await esbuild.build({ ...bundling, splitting: true });

await esbuild.build({
  absWorkingDir: ROOT,
  entryPoints: Object.keys(metafile.outputs),
  outdir: OUT,
  outExtension: { '.js': '.cjs' },
  allowOverwrite: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // The second is only given to createRequire(), which takes a path as well.
  define: { __load: 'require', 'import.meta.url': '__filename' },
  minifyWhitespace: true,
  minifyIdentifiers: true,
  minifySyntax: true,
  logLevel: 'warning',
});

for (const door of DOORS) {
  const names = metafile.outputs[posix.join(basename(OUT), `${door}.cjs`)].exports;
  const open = (require) => {
    const load = `${require}('./${door}.cjs');\n`;
    return names.length === 0 ? load : `export const { ${names.join(', ')} } = ${load}`;
  };
  const createRequire = "process.getBuiltinModule('node:module').createRequire";
  writeFileSync(join(OUT, `${door}.js`), open(`${createRequire}(import.meta.url)`));
  // What bundlers take (condition `module`). Inside a bundle it is not where it was, so it looks for the package from
  // the program and from the working directory: the one that the preload loads, which is a must for what they share.
  const paths = "paths: [process.argv[1] ? process.argv[1] + '/..' : '.', '.']";
  const found = `${createRequire}(process.cwd() + '/')`;
  writeFileSync(
    join(OUT, `${door}.bundled.js`),
    `const find = ${found};\n${open(`${createRequire}(find.resolve('duotel', { ${paths} }))`)}`,
  );
}

writeNotices(metafile, join(OUT, 'THIRD-PARTY-NOTICES.txt'));

if (!process.argv.includes('--no-types')) {
  const tsc = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT, '--outDir', join(OUT, 'types')],
    {
      stdio: 'inherit',
    },
  );
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
  pruneDeclarations(join(OUT, 'types'), DOORS);
}

rmSync(DIST, { recursive: true, force: true });
renameSync(OUT, DIST);
