/**
 * Instruments modules whose `import` gives an ES module, which never passes the CommonJS loader.
 *
 * When such a module is resolved for the first time, it is loaded by `require()`, and what it exports is instrumented
 * before the importing code runs. Classes are changed in place; exports themselves cannot be replaced this way, which
 * no instrumentation of the table wants. It needs no `load` hook: those break programs on Node.js 22.15.
 * Layer: instrument. Loaded when such a module is installed.
 */
import Module, { createRequire, type ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import { degrade } from '../core/guard.ts';

/** What to instrument. */
export interface EsModuleListener {
  /** Names of packages, as they are imported. */
  readonly modules: readonly string[];
  readonly onLoaded: (file: string, namespace: object) => void;
}

/** Hooks the resolution of modules; the returned function takes the hook away. */
export function hookEsModules({ modules, onLoaded }: EsModuleListener): () => void {
  // Node.js 20 does not have it.
  if (typeof Module.registerHooks !== 'function') return () => undefined;
  const done = new Set<string>();
  const look = (specifier: string, url: string): void => {
    if (!modules.includes(specifier) || !url.startsWith('file:') || done.has(url)) return;
    done.add(url);
    const file = fileURLToPath(url);
    const namespace: unknown = createRequire(file)(file);
    // A CommonJS module has been seen by the other hook.
    if (isNamespace(namespace)) onLoaded(file, namespace);
  };
  const hook = Module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      try {
        if (isImport(context)) look(specifier, resolved.url);
      } catch (cause) {
        degrade(`instrument.${specifier}`, cause);
      }
      return resolved;
    },
  });
  return () => hook.deregister();
}

/** Whether `import` asks. The conditions of `require()` are a set on Node.js 22.15. */
function isImport({ conditions }: ResolveHookContext): boolean {
  return [...(conditions ?? [])].includes('import');
}

function isNamespace(value: unknown): value is object {
  return process.getBuiltinModule('node:util').types.isModuleNamespaceObject(value);
}
