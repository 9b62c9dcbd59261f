/**
 * Which package a file belongs to.
 *
 * Layer: instrument. Runs for each file the application loads: no regular expression, no path functions.
 */

/** A file below `node_modules`. */
export interface ModuleFile {
  /** Name of the package, with its scope. */
  readonly module: string;
  /** Folder of the package. */
  readonly folder: string;
  /** The file inside the package, with forward slashes. */
  readonly path: string;
}

const FOLDER = 'node_modules';

/** Where in a path the package's name starts; -1 when the file is in no package. */
function startOfPackage(file: string): number {
  const at = file.lastIndexOf(FOLDER);
  return at > 0 && isSeparator(file, at - 1) && isSeparator(file, at + FOLDER.length) ? at + FOLDER.length + 1 : -1;
}

function isSeparator(text: string, at: number): boolean {
  const character = text[at];
  return character === '/' || character === '\\';
}

function nextSeparator(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (isSeparator(text, at)) return at;
  return -1;
}

/** Name of the package a file belongs to; undefined when it is in none. */
export function moduleOf(file: string): string | undefined {
  const start = startOfPackage(file);
  const end = start < 0 ? -1 : endOfPackage(file, start);
  return end < 0 ? undefined : file.slice(start, end).replace('\\', '/');
}

/** The package of a file; undefined when it is in none. */
export function locateFile(file: string): ModuleFile | undefined {
  const start = startOfPackage(file);
  const end = start < 0 ? -1 : endOfPackage(file, start);
  if (end < 0) return undefined;
  return {
    module: file.slice(start, end).replace('\\', '/'),
    folder: file.slice(0, end),
    path: file.slice(end + 1).replaceAll('\\', '/'),
  };
}

function endOfPackage(file: string, start: number): number {
  const end = nextSeparator(file, start);
  return file[start] === '@' && end > 0 ? nextSeparator(file, end + 1) : end;
}
