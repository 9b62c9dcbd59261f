/** The table against the instrumentations it describes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBundled } from '../../../src/instrument/bundles.ts';
import { type Row, TABLE, type Target } from '../../../src/instrument/table.ts';
import { isInRange } from '../../../src/instrument/version-range.ts';

/** What `getModuleDefinitions()` gives. */
interface Definition {
  readonly name: string;
  readonly supportedVersions: string[];
  readonly patch?: unknown;
  readonly files: readonly { readonly name: string }[];
}

/** One of each minor version up to 29.2. */
const VERSIONS = Array.from({ length: 30 }, (_, major) =>
  [0, 1, 2, 3, 5, 9, 14, 19, 24, 35].map((minor) => `${major}.${minor}.5`),
).flat();

function supported(ranges: readonly string[]): string[] {
  return VERSIONS.filter((version) => isInRange(version, ranges));
}

function definitionsOf(row: Row): readonly Definition[] {
  const part = createBundled(row.name);
  part.disable();
  assert.equal(part.instrumentationName, row.scope);
  return part.getModuleDefinitions?.() as unknown as Definition[];
}

function describeTarget({ module, versions, files, main }: Target): object {
  return {
    module,
    versions: supported(versions),
    files: (files ?? []).map((file) => `${module}/${file}`).toSorted(),
    main: files === undefined || main === true,
  };
}

/** Definitions of one module, for several ranges of versions, taken together. */
function describeDefinitions(definitions: readonly Definition[], module: string): object {
  const own = definitions.filter(({ name }) => name === module);
  return {
    module,
    versions: supported(own.flatMap(({ supportedVersions }) => supportedVersions)),
    files: [...new Set(own.flatMap(({ files }) => files.map(({ name }) => name)))].toSorted(),
    main: own.some(({ patch }) => patch !== undefined),
  };
}

for (const row of TABLE) {
  // Ours: there is nothing upstream to compare it with.
  if (row.name === 'fastify') continue;
  test(`${row.name}: modules, files and versions are those of the instrumentation`, () => {
    const definitions = definitionsOf(row);
    assert.deepEqual(
      row.targets.map(({ module }) => module).toSorted(),
      [...new Set(definitions.map(({ name }) => name))].toSorted(),
    );
    for (const target of row.targets) {
      assert.deepEqual(describeTarget(target), describeDefinitions(definitions, target.module));
    }
  });
}

test('fastify: the instrumentation names no modules of its own', () => {
  const row = TABLE.find(({ name }) => name === 'fastify') as Row;
  assert.deepEqual(definitionsOf(row), []);
});

test('every instrumentation has a mark by which a bundle is told', () => {
  for (const { name, targets } of TABLE)
    assert.ok(
      targets.some(({ mark }) => mark !== undefined),
      name,
    );
});

test('no module is in two rows', () => {
  const modules = TABLE.flatMap(({ targets }) => targets.map(({ module }) => module));
  assert.equal(new Set(modules).size, modules.length);
});
