/**
 * Instruments the modules an application loads, in CommonJS and ES modules alike.
 *
 * At start this is a map of names and one accessor; everything else waits until there is something to instrument.
 * Layer: instrument.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { degrade, guard } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type * as BundledModules from './bundled-modules.ts';
import { createBundled } from './bundles.ts';
import { Decision, type InstrumentationStatus } from './decision.ts';
import { Dispatcher } from './dispatcher.ts';
import type * as EsModuleHook from './es-module-hook.ts';
import type * as Installed from './installed-parts.ts';
import { connect, type Providers } from './instrumentation-part.ts';
import { hookModules } from './module-hook.ts';
import { moduleOf } from './module-file.ts';
import type * as Options from './option-parts.ts';
import { OwnHooks } from './own-hooks.ts';
import { TABLE } from './table.ts';
import { applyUpstream } from './upstream-hooks.ts';

const load = createRequire(import.meta.url);

/** How long a program runs before its main file is searched for bundled modules. Shorter ones get no hint. */
const HINT_AFTER_MILLIS = 1000;

/** What is instrumented, and for whom. */
export interface ModuleOptions {
  /** The same in every run of a process. */
  readonly providers: Providers;
  /** Whether the user wants an instrumentation, by short name. */
  readonly isChosen: (name: string) => boolean;
  /** `start({ instrumentations })`. */
  readonly given: unknown;
  /** Absolute path of the program; `undefined` in a REPL and for `node -e`. */
  readonly mainScript: string | undefined;
  readonly workingDirectory: string;
  /** Before the application's first line: its ES modules can be hooked. */
  readonly isPreload: boolean;
}

/** Running instrumentation of modules. */
export interface ModuleInstrumentation {
  status(): InstrumentationStatus[];
  /** Leaves modules loaded later alone; what is instrumented records into nothing. Never throws. */
  stop(): void;
}

/** Instruments modules from now on. */
export function instrumentModules(options: ModuleOptions): ModuleInstrumentation {
  return new Modules(options);
}

/** Instrumented modules stay so; the next run goes on with them. */
let shared: Dispatcher | undefined;

class Modules implements ModuleInstrumentation {
  readonly #options: ModuleOptions;
  readonly #dispatcher: Dispatcher;
  readonly #own = new OwnHooks();
  readonly #more: Decision[] = [];
  readonly #given: Options.OptionParts | undefined;
  readonly #undo: (() => void)[];
  #installed: Map<string, Installed.InstalledPart> | undefined;

  constructor(options: ModuleOptions) {
    this.#options = options;
    shared ??= new Dispatcher({ table: TABLE, create: createBundled, apply: applyUpstream, providers: options.providers });
    this.#dispatcher = shared;
    this.#given = this.#accept(options.given);
    const replaced = new Set(this.#given?.parts.map((part) => part.instrumentationName));
    this.#dispatcher.choose(({ name, scope }) => {
      if (replaced.has(scope)) return 'replaced';
      return options.isChosen(name) ? 'waiting' : 'disabled';
    });
    this.#instrumentEarly();
    this.#undo = [
      hookModules({
        isAwaited: (file) => this.#isAwaited(file),
        onLoaded: (module, file) => this.#onLoaded(module, file),
      }),
      this.#hookEsModules(),
      this.#hintAtBundle(),
    ];
  }

  status(): InstrumentationStatus[] {
    return [...this.#dispatcher.decisions.values(), ...this.#more].map((decision) => decision.snapshot());
  }

  stop(): void {
    for (const undo of this.#undo) guard('instrument.stop', undo, undefined);
    this.#given?.stop();
  }

  /** The user's own: theirs is preferred to ours of the same name. */
  #accept(given: unknown): Options.OptionParts | undefined {
    if (given === undefined || given === null) return undefined;
    const { acceptInstrumentations, modulesOf } = load('./option-parts.ts') as typeof Options;
    const accepted = acceptInstrumentations(given, this.#options.providers);
    for (const part of accepted.parts) {
      const decision = new Decision(part.instrumentationName, 'option', 'on');
      this.#more.push(decision);
      for (const module of modulesOf(part)) this.#own.add(module, decision);
    }
    return accepted;
  }

  #isAwaited(file: string): boolean {
    const name = moduleOf(file);
    if (name === undefined) return false;
    return this.#dispatcher.wants(name) || this.#own.wants(name) || this.#installedParts().has(name);
  }

  #onLoaded(module: NodeModule, file: string): void {
    const name = moduleOf(file) ?? '';
    const patched = this.#dispatcher.instrument(file, module.exports);
    if (patched !== module.exports) module.exports = patched;
    this.#makeInstalled(name);
    if (this.#own.wants(name)) this.#own.show(name, module);
  }

  /** Looked up when the application loads its first module: not at start, and not in a program that loads none. */
  #installedParts(): Map<string, Installed.InstalledPart> {
    if (this.#installed === undefined) {
      this.#installed = new Map();
      const { findInstalled } = load('./installed-parts.ts') as typeof Installed;
      const taken = new Set([...this.#dispatcher.decisions.keys(), ...this.#scopesGiven()]);
      for (const part of findInstalled(this.#folder(), taken)) {
        if (this.#options.isChosen(part.name)) this.#installed.set(part.module, part);
        else this.#more.push(new Decision(part.name, 'node_modules', 'disabled'));
      }
    }
    return this.#installed;
  }

  #scopesGiven(): string[] {
    return (this.#given?.parts ?? []).map((part) => part.instrumentationName.replace('@opentelemetry/instrumentation-', ''));
  }

  #makeInstalled(module: string): void {
    const found = this.#installedParts().get(module);
    if (found === undefined) return;
    this.#installedParts().delete(module);
    const decision = new Decision(found.name, 'node_modules', 'active');
    this.#more.push(decision);
    try {
      const part = found.create();
      connect(part, this.#options.providers);
      this.#own.add(module, decision);
    } catch (cause) {
      decision.state = 'failed';
      degrade(`instrument.${found.name}`, cause);
    }
  }

  #folder(): string {
    const { mainScript, workingDirectory } = this.#options;
    return mainScript === undefined ? workingDirectory : dirname(mainScript);
  }

  /** Modules that are there already: instrumented from now on, and named, because what was made of them is not. */
  #instrumentEarly(): void {
    const names = new Set<string>();
    for (const [file, module] of Object.entries(createRequire(join(this.#folder(), 'package.json')).cache)) {
      const name = moduleOf(file);
      if (name === undefined || module?.loaded !== true || !this.#dispatcher.wants(name)) continue;
      const early = this.#dispatcher.instrumentEarly(file, module.exports);
      if (early === undefined) continue;
      if (early.exports !== module.exports) module.exports = early.exports;
      names.add(name);
    }
    if (names.size > 0) tellEarly([...names]);
  }

  #hookEsModules(): () => void {
    const nothing = (): void => undefined;
    if (!this.#options.isPreload) return nothing;
    const modules = TABLE.flatMap(({ targets }) => targets)
      .filter(({ module, esModule }) => esModule === true && this.#dispatcher.wants(module))
      .map(({ module }) => module)
      .filter((module) => isInstalled(module, this.#folder()));
    if (modules.length === 0) return nothing;
    const { hookEsModules } = load('./es-module-hook.ts') as typeof EsModuleHook;
    return hookEsModules({ modules, onLoaded: (file, namespace) => void this.#dispatcher.instrument(file, namespace, true) });
  }

  #hintAtBundle(): () => void {
    const { mainScript } = this.#options;
    if (mainScript === undefined || moduleOf(mainScript) !== undefined) return () => undefined;
    const timer = setTimeout(() => {
      const waiting = TABLE.filter(({ name }) => this.#dispatcher.decisions.get(name)?.state === 'waiting');
      const { findBundledModules } = load('./bundled-modules.ts') as typeof BundledModules;
      findBundledModules(mainScript, waiting, (names) => {
        for (const name of names) this.#dispatcher.markBundled(name);
        tellBundled(names);
      });
    }, HINT_AFTER_MILLIS);
    timer.unref();
    return () => clearTimeout(timer);
  }
}

function isInstalled(module: string, start: string): boolean {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', module, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

function tellEarly(names: readonly string[]): void {
  notify({
    code: 'DUOTEL_MODULES_EARLY',
    message: `${names.join(', ')}: loaded before telemetry started, so what the program had already made of it is not instrumented. Start with \`node --import duotel/register\`, or call start() in a module that is imported before all others.`,
    key: 'early',
  });
}

function tellBundled(names: readonly string[]): void {
  notify({
    code: 'DUOTEL_MODULES_BUNDLED',
    message: `${names.join(', ')}: inside the bundled main file, where it cannot be instrumented. Declare it external in the bundler, so that it is loaded from node_modules. HTTP, fetch and your own telemetry work.`,
    key: 'bundled',
  });
}
