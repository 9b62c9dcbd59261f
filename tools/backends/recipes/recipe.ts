/**
 * A recipe fills an empty folder with one program, using package managers as the machine has them configured.
 *
 * Nothing is installed into the system, no root rights are needed, and no registry is named: mirrors and proxies of
 * the machine apply.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Fills the folder `dir`. Rejects with the reason when the program cannot be had here. */
export type Recipe = (dir: string) => Promise<void>;

/** Lines of output kept for the error message. */
const TAIL_LINES = 15;

/** Follows a recipe so that `dir` appears only when complete. */
export async function follow(recipe: Recipe, dir: string): Promise<void> {
  await mkdir(dirname(dir), { recursive: true });
  const work = await mkdtemp(join(dirname(dir), '.partial-'));
  try {
    await recipe(work);
    await rename(work, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs a command to its end; rejects with its last lines of output when it is missing or fails. */
export function run(command: string, args: readonly string[], cwd?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', () => reject(new Error(`needs the command \`${command}\``)));
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
      return reject(new Error(`\`${command}\` ended with ${code ?? 'a signal'}:\n${tail}`));
    });
  });
}
