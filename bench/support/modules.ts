/** Counts the files a set-up loads before and at the application's first line, in a run that is not timed. */
import { measure, type Command } from './processes.ts';

/** Number of files loaded, the bench's own programs not counted. */
export async function countModules({ execArgv = [], ...command }: Command): Promise<number> {
  const counted = { ...command, execArgv: ['--import', './programs/count-modules.mjs', ...execArgv] };
  return (await measure<{ files: number }>(counted)).files;
}
