/**
 * Packages that module hooks are known to break: `export *`, ES modules only, JSON, primitives, patched loaders. Under
 * the preload they load as without it, with the same exports (T36, P6).
 */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { ProgramName } from '../../tools/backends/programs.ts';
import { ensureNode } from '../../tools/node-versions.mjs';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, type Ended, launch, skipWithout, suiteOwner } from '../support/backends.ts';
import { type Form, writeProgram } from '../support/instrumented-apps.ts';

const AWKWARD = [
  // Thousands of re-exports.
  'date-fns@4',
  'rxjs@7',
  'lodash-es@4',
  'zod@4',
  // ES modules only, with package imports and conditions of their own.
  'chalk@5',
  'got@14',
  'execa@9',
  'nanoid@5',
  'node-fetch@3',
  'p-limit@6',
  // Both, in different files.
  'openai@6',
  'uuid@11',
  'yargs@17',
  'jose@6',
  'axios@1',
  'undici@7',
  // JSON, functions with properties, getters, primitives.
  'mime-db@1',
  'lodash@4',
  'core-js-pure@3',
  'iconv-lite@0.6',
  'debug@4',
  'ws@8',
  'typescript@5',
  // Change the loader themselves.
  'pirates@4',
  'import-fresh@3',
  'source-map-support@0.5',
];

const NAMES = AWKWARD.map((spec) => spec.slice(0, spec.lastIndexOf('@')));

/** Prints what each package exports, or how loading it failed. */
const SOURCE = `
const describe = (name, exported) => {
  const members = Object.keys(exported).toSorted().map((key) => key + ':' + typeof exported[key]);
  console.log(name, typeof exported, members.length, members.join());
};
const fail = (name, error) => console.log(name, error.code ?? error.message);
LOAD
`;

const BY_IMPORT = `
for (const name of NAMES) {
  try { describe(name, await import(name)); } catch (error) { fail(name, error); }
}`;

const BY_REQUIRE = `
for (const name of NAMES) {
  try { describe(name, require(name)); } catch (error) { fail(name, error); }
}`;

suite('awkward packages', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, ['@opentelemetry/api@1.10.0', ...AWKWARD]);
  });

  test('twenty of them or more', (t) => {
    t.diagnostic(AWKWARD.join(' '));
    assert.ok(NAMES.length >= 20);
  });

  for (const node of ['22.15.0', '22.22.3', '24.21.0', '26.10.0']) {
    for (const [form, loading] of [
      ['mjs', BY_IMPORT],
      ['cjs', BY_REQUIRE],
    ] as const satisfies readonly (readonly [Form, string])[]) {
      const skip = skipWithout(`node-${node}` as ProgramName);
      test(`${NAMES.length} of them load as without the preload: ${form}, Node.js ${node}`, { skip }, async (t) => {
        const source = SOURCE.replace('LOAD', loading).replace('NAMES', JSON.stringify(NAMES));
        const args = writeProgram(folder, 'awkward', form, source);
        const run = async (preload: readonly string[]): Promise<Outcome> => {
          const env = cleanEnvironment({ OTEL_SERVICE_NAME: 'app', OTEL_EXPORTER_PROMETHEUS_PORT: '0' });
          const running = launch(t, ensureNode(node), [...preload, ...args], { cwd: folder, env });
          return {
            ended: await running.ended,
            lines: running.stdout().split('\n'),
            stderr: withoutPid(running.stderr()),
          };
        };
        const [plain, preloaded] = [await run([]), await run(['--import', 'duotel/register'])];
        assert.deepEqual(preloaded, plain);
        assert.deepEqual(plain.ended, { code: 0, signal: null });
        assert.equal(plain.lines.length, NAMES.length + 1);
        assert.doesNotMatch(plain.lines.join('\n'), /MODULE_NOT_FOUND/);
      });
    }
  }
});

interface Outcome {
  readonly ended: Ended;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Warnings of Node.js name the process. */
function withoutPid(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)');
}
