/**
 * Gives each module that the application loads to the instrumentation the table has for it.
 *
 * Layer: instrument. Loads the code of an instrumentation when the first file it patches has run.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { types } from 'node:util';
import { degrade, guard } from '../core/guard.ts';
import { Decision } from './decision.ts';
import { connect, type InstrumentationPart, type Providers } from './instrumentation-part.ts';
import { locateFile, type ModuleFile } from './module-file.ts';
import type { Row, Target } from './table.ts';
import { isInRange } from './version-range.ts';

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly table: readonly Row[];
  /** Makes the instrumentation of that name; throws if it cannot. */
  readonly create: (name: string) => InstrumentationPart;
  /** Passes exports through the instrumentations made so far. */
  readonly apply: (exports: unknown, name: string, folder: string) => unknown;
  readonly providers: Providers;
}

interface Entry {
  readonly row: Row;
  readonly target: Target;
  readonly decision: Decision;
}

/** A package on disk; one version of a module. */
interface Package {
  readonly version: string;
  /** Path of the file `require()` gives, inside the package. */
  readonly main: string | undefined;
}

interface LoadedFile extends ModuleFile {
  /** Absolute path. */
  readonly file: string;
  /** What the instrumentation calls it: the module for the main file, `module/path` for the others. */
  readonly name: string;
  readonly version: string;
}

/** One for the life of the process: what is instrumented stays so. */
export class Dispatcher {
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly #parts: DispatcherParts;
  readonly #entries = new Map<string, Entry>();
  readonly #packages = new Map<string, Package | undefined>();
  readonly #made = new Map<string, InstrumentationPart>();
  /** Files that have been instrumented. */
  readonly #seen = new Set<string>();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.decisions = new Map(parts.table.map((row) => [row.name, new Decision(row.name, 'duotel', 'waiting')]));
    for (const row of parts.table) {
      const decision = this.decisions.get(row.name) as Decision;
      for (const target of row.targets) this.#entries.set(target.module, { row, target, decision });
    }
  }

  /** Settles which instrumentations are in use in this run; what is instrumented already is switched off or on. */
  choose(settle: (row: Row) => 'waiting' | 'disabled' | 'replaced'): void {
    for (const row of this.#parts.table) {
      const decision = this.decisions.get(row.name) as Decision;
      if (decision.state === 'failed') continue;
      const part = this.#made.get(row.name);
      const wanted = settle(row);
      if (wanted !== 'waiting') {
        if (decision.state !== wanted) guard(`instrument.${row.name}`, () => part?.disable(), undefined);
        decision.state = wanted;
      } else if (decision.state === 'disabled' || decision.state === 'replaced') {
        decision.state = part === undefined ? 'waiting' : 'active';
        guard(`instrument.${row.name}`, () => part?.enable(), undefined);
      }
    }
  }

  /** Whether a module of that name is patched, if its version and file are right. */
  wants(module: string): boolean {
    const state = this.#entries.get(module)?.decision.state;
    return state !== undefined && state !== 'disabled' && state !== 'replaced' && state !== 'failed';
  }

  /** Rows of which no module has been loaded. */
  waiting(): readonly Row[] {
    return this.#parts.table.filter(({ name }) => this.decisions.get(name)?.state === 'waiting');
  }

  /** Notes that a module is inside the application's own file. */
  markBundled(module: string): void {
    this.#entries.get(module)?.decision.note('bundled', module);
  }

  /**
   * Instruments a file that ran before there was a hook.
   *
   * @returns its exports; `undefined` when it has been instrumented before, or is none that is patched
   */
  instrumentEarly(file: string, exports: unknown): { readonly exports: unknown } | undefined {
    if (this.#seen.has(file)) return undefined;
    const patched = this.instrument(file, exports);
    if (!this.#seen.has(file)) return undefined;
    const decision = this.#entries.get(locateFile(file)?.module ?? '')?.decision;
    if (decision?.state === 'active') decision.state = 'early';
    return { exports: patched };
  }

  /**
   * The exports of a file, instrumented if there is something to instrument. Never throws.
   *
   * @param isMain - for an ES module, which `require()` does not know as the package's main file
   */
  instrument(file: string, exports: unknown, isMain = false): unknown {
    const located = locateFile(file);
    const entry = located && this.#entries.get(located.module);
    if (located === undefined || entry === undefined || !this.wants(located.module)) return exports;
    try {
      const found = this.#packageOf(located);
      if (found === undefined) return exports;
      const { main, version } = found;
      const name = isMain || located.path === main ? located.module : `${located.module}/${located.path}`;
      if (!isPatched(entry.target, located, name)) return exports;
      return this.#patch(entry, { ...located, file, name, version }, exports);
    } catch (cause) {
      this.#fail(entry, cause);
      return exports;
    }
  }

  #patch(entry: Entry, file: LoadedFile, exports: unknown): unknown {
    const { row, target, decision } = entry;
    const label = `${file.name}@${file.version}`;
    if (!isInRange(file.version, target.versions)) {
      decision.note('unsupported', label);
      return exports;
    }
    this.#make(row.name);
    // The namespace of an ES module cannot be changed; a copy can.
    const open = types.isModuleNamespaceObject(exports) ? { ...(exports as object) } : exports;
    const patched = this.#parts.apply(open, file.name, file.folder);
    decision.note('active', label);
    this.#seen.add(file.file);
    return patched;
  }

  #make(name: string): void {
    if (this.#made.has(name)) return;
    const part = this.#parts.create(name);
    this.#made.set(name, part);
    connect(part, this.#parts.providers);
  }

  #fail({ row, decision }: Entry, cause: unknown): void {
    decision.state = 'failed';
    degrade(`instrument.${row.name}`, cause);
    guard(`instrument.${row.name}`, () => this.#made.get(row.name)?.disable(), undefined);
  }

  /** `undefined`, counted, when the package cannot be read: then nobody knows its version. */
  #packageOf({ module, folder }: ModuleFile): Package | undefined {
    if (!this.#packages.has(folder))
      this.#packages.set(
        folder,
        guard('instrument.package', () => readPackage(module, folder), undefined),
      );
    return this.#packages.get(folder);
  }
}

function readPackage(module: string, folder: string): Package {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version?: unknown };
  return { version: String(version), main: mainOf(module, folder) };
}

function isPatched(target: Target, { module, path }: ModuleFile, name: string): boolean {
  if (name === module) return target.files === undefined || target.main === true;
  return target.files?.includes(path) === true;
}

/** Resolved as the application does, from inside the package, so that `exports` counts. */
function mainOf(module: string, folder: string): string | undefined {
  try {
    return locateFile(createRequire(join(folder, 'package.json')).resolve(module))?.path;
  } catch {
    // Not every package has a main file.
    return undefined;
  }
}
