/**
 * Brings the programs of `programs.ts` into `.tools/`, all at once, each only if it is not there yet.
 *
 * Usage: `node tools/node.mjs tools/backends/fetch.ts [name…]`; without names, all of them.
 * Prints one line per program. Where a program cannot be had, a developer gets a skip with its reason; with the
 * variable `CI` set, a required one ends this with code 1.
 */
import { existsSync } from 'node:fs';
import { PROGRAMS, type Program } from './programs.ts';

/** Brings one program and says so. Returns whether the tests can run without failing for want of it. */
async function ensure([name, program]: readonly [string, Program]): Promise<boolean> {
  const label = name.padEnd(16);
  if (existsSync(program.dir)) {
    console.log(`${label} present`);
    return true;
  }
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await program.bring();
    console.log(`${label} brought in ${seconds()}`);
    return true;
  } catch (cause) {
    const fatal = program.required && Boolean(process.env['CI']);
    const reason = cause instanceof Error ? cause.message : String(cause);
    console.log(`${label} ${fatal ? 'MISSING' : 'skipped'} after ${seconds()}: ${reason}`);
    return !fatal;
  }
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in PROGRAMS));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Known: ${Object.keys(PROGRAMS).join(', ')}.`);
  process.exitCode = 2;
} else {
  const chosen = Object.entries(PROGRAMS).filter(([name]) => names.length === 0 || names.includes(name));
  const usable = await Promise.all(chosen.map(ensure));
  if (usable.includes(false)) process.exitCode = 1;
}
