/**
 * The modules for which the application has installed an official instrumentation that is not in this package.
 *
 * Looked up when the application loads its first module: not at start, and not in a program that loads none.
 * Layer: instrument.
 */
import { createRequire } from 'node:module';
import { degrade } from '../core/guard.ts';
import { Decision } from './decision.ts';
import type * as Installed from './installed-parts.ts';
import { connect, type Providers } from './instrumentation-part.ts';

const load = createRequire(import.meta.url);

/** Where to look, and what to do with what is found. */
export interface InstalledOptions {
  /** Folder of the program; `node_modules` of it and of those above it are looked at. */
  readonly folder: string;
  /** Short names that are not looked for. */
  readonly taken: ReadonlySet<string>;
  readonly isChosen: (name: string) => boolean;
  readonly providers: Providers;
}

/** Instrumentations to be made when their module is loaded. */
export class InstalledModules {
  readonly #options: InstalledOptions;
  readonly #decisions: Decision[] = [];
  #parts: Map<string, Installed.InstalledPart> | undefined;

  constructor(options: InstalledOptions) {
    this.#options = options;
  }

  /** Those that were made or left out. */
  get decisions(): readonly Decision[] {
    return this.#decisions;
  }

  /** Whether there is one to be made for a module. */
  wants(module: string): boolean {
    if (this.#parts === undefined) {
      // What finds them is a module itself: asked about that one, there is none to be made.
      this.#parts = new Map();
      this.#parts = this.#find();
    }
    return this.#parts.has(module);
  }

  /** Makes the one for a module, once; `undefined` when there is none or it fails. */
  make(module: string): Decision | undefined {
    const part = this.#parts?.get(module);
    if (part === undefined) return undefined;
    this.#parts?.delete(module);
    const decision = new Decision(part.name, 'node_modules', 'waiting');
    this.#decisions.push(decision);
    try {
      connect(part.create(), this.#options.providers);
      return decision;
    } catch (cause) {
      decision.state = 'failed';
      degrade(`instrument.${part.name}`, cause);
      return undefined;
    }
  }

  #find(): Map<string, Installed.InstalledPart> {
    const { folder, taken, isChosen } = this.#options;
    const { findInstalled } = load('./installed-parts.ts') as typeof Installed;
    const found = findInstalled(folder, taken);
    for (const { name } of found.filter(({ name }) => !isChosen(name)))
      this.#decisions.push(new Decision(name, 'node_modules', 'disabled'));
    return new Map(found.filter(({ name }) => isChosen(name)).map((part) => [part.module, part]));
  }
}
