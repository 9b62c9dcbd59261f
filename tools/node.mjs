/**
 * Runs a script of this project on a Node.js that can: the running one, or a pinned one fetched once.
 *
 *     node tools/node.mjs SCRIPT [ARGS…]
 *     node tools/node.mjs --bin NAME [ARGS…]      a tool of tools/checks
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { checkTool, TSGOLINT } from './check-tools.mjs';
import { ensureNode, PINNED_NODE, ROOT, runsScripts } from './node-versions.mjs';

const [first, ...rest] = process.argv.slice(2);
const [script, args] = first === '--bin' ? [binScript(rest[0]), rest.slice(1)] : [first, rest];
const node = runsScripts() ? process.execPath : ensureNode(PINNED_NODE);

const child = spawn(node, [script, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH, OXLINT_TSGOLINT_PATH: TSGOLINT },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exitCode = code;
});

/** The JavaScript file behind a tool's command, as its package.json names it. */
function binScript(name) {
  const folder = checkTool(name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}
