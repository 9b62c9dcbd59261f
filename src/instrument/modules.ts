/**
 * Instruments the modules an application loads, in CommonJS and ES modules alike.
 *
 * At start this is a map of names and one accessor; everything else waits until there is something to instrument.
 * Layer: instrument.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { guard } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import { hintAtBundle } from './bundle-hint.ts';
import { createBundled } from './bundles.ts';
import { Decision, type InstrumentationStatus } from './decision.ts';
import { Dispatcher } from './dispatcher.ts';
import type * as EsModuleHook from './es-module-hook.ts';
import { InstalledModules } from './installed-modules.ts';
import type { Providers } from './instrumentation-part.ts';
import { moduleOf } from './module-file.ts';
import { hookModules } from './module-hook.ts';
import type * as Options from './option-parts.ts';
import { OwnHooks } from './own-hooks.ts';
import { TABLE } from './table.ts';
import { applyUpstream } from './upstream-hooks.ts';

const load = createRequire(import.meta.url);

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
  /** Before the application's first line: the resolution of ES modules may be hooked. */
  readonly isPreload: boolean;
}

/** Running instrumentation of modules. */
export interface ModuleInstrumentation {
  status(): InstrumentationStatus[];
  /** Leaves modules loaded later alone; what is instrumented records into nothing. Never throws. */
  stop(): void;
}

/** Nothing is looked for on account of its own files. */
const OWN_NAME = 'duotel';

const OFFICIAL = '@opentelemetry/instrumentation-';

/** Instrumented modules stay so; the next run goes on with them. */
let shared: Dispatcher | undefined;

/** Instruments modules from now on. */
export function instrumentModules(options: ModuleOptions): ModuleInstrumentation {
  const { providers, isChosen, mainScript, workingDirectory, isPreload } = options;
  const folder = mainScript === undefined ? workingDirectory : dirname(mainScript);
  const dispatcher = (shared ??= new Dispatcher({
    table: TABLE,
    create: createBundled,
    apply: applyUpstream,
    providers,
  }));
  const own = new OwnHooks();
  const given = acceptGiven(options, own);
  dispatcher.choose(({ name, scope }) => {
    if (given.scopes.includes(scope)) return 'replaced';
    return isChosen(name) ? 'waiting' : 'disabled';
  });
  const taken = new Set([
    ...TABLE.map(({ name }) => name),
    ...given.scopes.map((scope) => scope.replace(OFFICIAL, '')),
  ]);
  const installed = new InstalledModules({ folder, taken, isChosen, providers });
  instrumentEarly(dispatcher, folder);
  const undo = [
    hookModules(createListener(dispatcher, installed, own)),
    isPreload ? instrumentEsModules(dispatcher, folder) : () => undefined,
    hintAtBundle(mainScript, dispatcher),
    given.stop,
  ];
  return {
    status: () =>
      [...dispatcher.decisions.values(), ...installed.decisions, ...given.decisions].map((each) => each.snapshot()),
    stop() {
      for (const step of undo) guard('instrument.stop', step, undefined);
    },
  };
}

interface Given {
  readonly scopes: readonly string[];
  readonly decisions: readonly Decision[];
  readonly stop: () => void;
}

/** The user's own: one of the same package as ours replaces it. */
function acceptGiven({ given, providers }: ModuleOptions, own: OwnHooks): Given {
  if (given === undefined || given === null) return { scopes: [], decisions: [], stop: () => undefined };
  const { acceptInstrumentations, modulesOf } = load('./option-parts.ts') as typeof Options;
  const { parts, stop } = acceptInstrumentations(given, providers);
  const decisions = parts.map((part) => {
    const decision = new Decision(part.instrumentationName, 'option', 'on');
    for (const module of modulesOf(part)) own.add(module, decision);
    return decision;
  });
  return { scopes: decisions.map(({ name }) => name), decisions, stop };
}

function createListener(
  dispatcher: Dispatcher,
  installed: InstalledModules,
  own: OwnHooks,
): Parameters<typeof hookModules>[0] {
  return {
    isAwaited(file) {
      const name = moduleOf(file);
      return (
        name !== undefined && name !== OWN_NAME && (dispatcher.wants(name) || own.wants(name) || installed.wants(name))
      );
    },
    onLoaded(module, file) {
      const name = moduleOf(file) ?? '';
      replaceExports(module, dispatcher.instrument(file, module.exports));
      const made = installed.make(name);
      if (made !== undefined) own.add(name, made);
      own.show(name, module);
    },
  };
}

function replaceExports(module: NodeModule, patched: unknown): void {
  if (patched !== module.exports) module.exports = patched;
}

/** Modules that are there already: instrumented from now on, and named, because what was made of them is not. */
function instrumentEarly(dispatcher: Dispatcher, folder: string): void {
  const names = new Set<string>();
  for (const [file, module] of Object.entries(createRequire(join(folder, 'package.json')).cache)) {
    const name = moduleOf(file);
    if (name === undefined || module?.loaded !== true || !dispatcher.wants(name)) continue;
    const early = dispatcher.instrumentEarly(file, module.exports);
    if (early === undefined) continue;
    replaceExports(module, early.exports);
    names.add(name);
  }
  if (names.size === 0) return;
  notify({
    code: 'DUOTEL_MODULES_EARLY',
    message: `${[...names].join(', ')}: loaded before telemetry started; instrumented from now on, but not what the program had made of it by then. Start with \`node --import duotel/register\`, or call start() in a module that is imported before all others.`,
    key: 'early',
  });
}

/** Only where such a module is installed: a hook has its price for each import of the program. */
function instrumentEsModules(dispatcher: Dispatcher, folder: string): () => void {
  const modules = TABLE.flatMap(({ targets }) => targets)
    .filter(({ module, esModule }) => esModule === true && dispatcher.wants(module))
    .map(({ module }) => module)
    .filter((module) => isInstalled(module, folder));
  if (modules.length === 0) return () => undefined;
  const { hookEsModules } = load('./es-module-hook.ts') as typeof EsModuleHook;
  return hookEsModules({ modules, onLoaded: (file, namespace) => void dispatcher.instrument(file, namespace, true) });
}

function isInstalled(module: string, start: string): boolean {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', module, 'package.json'))) return true;
    if (folder === dirname(folder)) return false;
  }
}
