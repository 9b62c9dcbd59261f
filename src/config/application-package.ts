/**
 * Finds the package.json that describes the application.
 *
 * The nearest one above the main script, unless that belongs to a tool which runs the application
 * (`node_modules/.bin/next`, a global pm2): then the project the tool is installed in, or the one it was started in.
 * An installed program that itself depends on this package is the application, not a tool.
 * Layer: config.
 */
import { dirname, isAbsolute, join, relative } from 'node:path';
import { toAttributeText } from './attribute-text.ts';

/** Text of a file, `undefined` when it cannot be read. Never throws. */
export type ReadFile = (path: string) => string | undefined;

export interface ApplicationPackage {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Names in `dependencies`. */
  readonly dependencies: ReadonlySet<string>;
  /** Main script below the package's folder, with forward slashes; its file name alone when there is no package. */
  readonly entry: string | undefined;
}

interface Manifest {
  readonly directory: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly dependencies: ReadonlySet<string>;
}

const MODULES_FOLDER = /[\\/]node_modules(?=[\\/])/;

/** Describes the application whose main script is `mainScript`. Never throws; reads one file per folder level at most. */
export function findApplicationPackage(
  mainScript: string | undefined,
  workingDirectory: string,
  readFile: ReadFile,
): ApplicationPackage {
  const script = mainScript !== undefined && isAbsolute(mainScript) ? mainScript : undefined;
  const manifest =
    script === undefined ? findManifest(workingDirectory, readFile) : findOwner(script, workingDirectory, readFile);
  return {
    name: manifest?.name,
    version: manifest?.version,
    dependencies: manifest?.dependencies ?? new Set(),
    entry:
      script === undefined ? undefined : relative(manifest?.directory ?? dirname(script), script).replaceAll('\\', '/'),
  };
}

function findOwner(script: string, workingDirectory: string, readFile: ReadFile): Manifest | undefined {
  // From the script itself: `node .` names a folder.
  const nearest = findManifest(script, readFile);
  const modulesAt = script.search(MODULES_FOLDER);
  if (modulesAt < 0 || nearest?.dependencies.has('duotel') === true) return nearest;
  return findManifest(script.slice(0, modulesAt), readFile) ?? findManifest(workingDirectory, readFile);
}

/** The first package.json with a name, upwards. Nameless ones only set `type` for a build folder. */
function findManifest(start: string, readFile: ReadFile): Manifest | undefined {
  if (!isAbsolute(start)) return undefined;
  for (let directory = start; ; directory = dirname(directory)) {
    const manifest = readManifest(directory, readFile);
    if (manifest !== undefined) return manifest;
    if (dirname(directory) === directory) return undefined;
  }
}

function readManifest(directory: string, readFile: ReadFile): Manifest | undefined {
  const text = readFile(join(directory, 'package.json'));
  if (text === undefined) return undefined;
  const json = parseObject(text);
  const name = toAttributeText(json['name']);
  if (name === undefined) return undefined;
  return {
    directory,
    name,
    version: toAttributeText(json['version']),
    dependencies: new Set(Object.keys(json['dependencies'] ?? {})),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // A broken package.json is the application's business; npm will say so.
    return {};
  }
}
