/**
 * Every framework in every module system on every Node.js: the same spans everywhere, and a stderr that is the same as
 * without telemetry (T36).
 *
 * Each pair of two values is met by default; `DUOTEL_TEST_LONG=1` runs all combinations.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test, type TestContext } from 'node:test';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { installPacked } from '../support/backends-package.ts';
import { skipWithout, suiteOwner } from '../support/backends.ts';
import {
  type Client,
  DECORATORS,
  FRAMEWORK_PACKAGES,
  FRAMEWORKS,
  type Framework,
  frameworkSource,
  HTTP_SPANS,
  OLDER_FRAMEWORK_PACKAGES,
} from '../support/framework-apps.ts';
import { compareWithControl, startUpstream } from '../support/framework-run.ts';
import { type Form, writeProgram } from '../support/instrumented-apps.ts';

const NAMES = Object.keys(FRAMEWORKS);
const FORMS = ['mts', 'cjs', 'mjs', 'tsx', 'bundle'] as const satisfies readonly Form[];
const VERSIONS = ['22.15.0', '22.22.3', '24.21.0', '26.10.0'] as const;
const CLIENTS = ['fetch', 'http'] as const satisfies readonly Client[];

/** One run of the matrix. */
interface Cell {
  readonly name: string;
  readonly form: (typeof FORMS)[number];
  readonly version: (typeof VERSIONS)[number];
  readonly client: Client;
}

function allCells(): Cell[] {
  return NAMES.flatMap((name) =>
    FORMS.flatMap((form) => VERSIONS.flatMap((version) => CLIENTS.map((client) => ({ name, form, version, client })))),
  ).filter(isPossible);
}

/** Each framework in each form; along the diagonals, versions and clients take turns, so that every pair is met. */
function pairwiseCells(): Cell[] {
  return NAMES.flatMap((name, row) =>
    FORMS.map((form, column) => ({
      name,
      form,
      version: VERSIONS[(row + column) % VERSIONS.length] as Cell['version'],
      client: CLIENTS[(Math.floor(row / VERSIONS.length) + column) % CLIENTS.length] as Client,
    })),
  ).filter(isPossible);
}

/** Node.js strips types, and decorators are more than that. */
function isPossible({ name, form }: Cell): boolean {
  return FRAMEWORKS[name]?.decorated !== true || form !== 'mts';
}

function pairsOf(cells: readonly Cell[]): Set<string> {
  return new Set(
    cells.flatMap((cell) => {
      const values = Object.entries(cell).map(String);
      return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} and ${other}`));
    }),
  );
}

test('the short matrix has every pair of the long one', () => {
  assert.deepEqual(pairsOf(pairwiseCells()), pairsOf(allCells()));
});

// Most of their time programs wait.
suite('framework matrix', { concurrency: 2 }, () => {
  const folders = { newest: '', older: '' };
  let upstream = '';
  const owner = suiteOwner();
  before(async () => {
    folders.newest = await installPacked(owner, FRAMEWORK_PACKAGES);
    folders.older = await installPacked(owner, OLDER_FRAMEWORK_PACKAGES);
    writeFileSync(join(folders.newest, 'tsconfig.json'), JSON.stringify({ compilerOptions: DECORATORS }));
    upstream = await startUpstream(owner);
  });

  async function compare(t: TestContext, { name, form, version, client }: Cell): Promise<void> {
    const framework = FRAMEWORKS[name] as Framework;
    const cwd = framework.older === true ? folders.older : folders.newest;
    const source = frameworkSource(cwd, framework, client, form === 'tsx');
    const program = writeProgram(cwd, `${name}-${version}-${client}`, form, source);
    const controlArgs = [...stripping(form, version), ...program];
    await compareWithControl(t, {
      node: ensureNode(version),
      args: ['--import', 'duotel/register', ...controlArgs],
      controlArgs,
      cwd,
      upstream,
      spans: form === 'bundle' ? HTTP_SPANS : framework.spans,
      ...(form === 'bundle' ? { bundled: framework.bundled ?? '' } : {}),
    });
  }

  for (const cell of process.env['DUOTEL_TEST_LONG'] === '1' ? allCells() : pairwiseCells()) {
    const title = `${cell.name}, ${cell.form}, Node.js ${cell.version}, ${cell.client}`;
    const skip = skipWithout(`node-${cell.version}` as ProgramName);
    test(`${title}: spans, stderr of the control`, { skip }, (t) => compare(t, cell));
  }
});

/** The oldest has to be asked to strip types. */
function stripping(form: Form, version: string): string[] {
  return form === 'mts' && version === '22.15.0' ? ['--experimental-strip-types'] : [];
}
