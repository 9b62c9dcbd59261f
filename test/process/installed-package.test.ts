/**
 * The package as it is installed: its files are below `node_modules`, and so among the modules it looks at.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ROOT } from '../../tools/node-versions.mjs';
import { runApp } from '../support/run-app.ts';

/** A folder with a copy of the package: a link would be followed to the checkout. */
function install(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-installed-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, 'node_modules/duotel', part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'));
  return folder;
}

for (const [way, nodeArgs] of [
  ['preloaded', ['--import', 'duotel/register']],
  ['preloaded by require()', ['--require', 'duotel/register']],
  ['started by the program', []],
] as const)
  test(`an installed copy that is ${way} has no trouble with modules of its own`, async (t) => {
    const { stdout, stderr, code } = await runApp({
      folder: install(t),
      nodeArgs,
      code: `
        import { start } from 'duotel';
        const telemetry = start();
        await telemetry.forceFlush();
        console.log(JSON.stringify(telemetry.status().degraded));`,
    });
    assert.deepEqual([stdout.trim(), stderr, code], ['{}', '', 0]);
  });
