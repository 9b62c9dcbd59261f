/**
 * Hears of each CommonJS module when it has been run, whether `require()` or `import` asked for it.
 *
 * Node.js marks the end of a module's code by `module.loaded = true`, and takes the exports after that. The hook is an
 * accessor in that place. A wrapper around `Module._extensions['.js']`, the usual way, is on the stack while modules
 * run: it would be in the stack trace of every program that fails in one (docs/decisions/0008-hooks.md).
 * Layer: instrument.
 */
import Module from 'node:module';
import { degrade } from '../core/guard.ts';

/** What the hook is for. */
export interface ModuleListener {
  /** Whether the end of this file's code is of interest. Called when the file is about to run; has to be fast. */
  isAwaited(file: string): boolean;
  /** The code has run; `module.exports` may be replaced. */
  onLoaded(module: NodeModule, file: string): void;
}

/** Hooks the module system; the returned function takes the hook away. */
export function hookModules(listener: ModuleListener): () => void {
  const property: PropertyDescriptor & ThisType<NodeModule> = {
    configurable: true,
    enumerable: false,
    get: () => undefined,
    set(value: boolean) {
      if (value || !isAwaited(listener, this.id)) become(this, value);
      else awaitEnd(this, listener);
    },
  };
  const prototype = Module.prototype;
  Object.defineProperty(prototype, 'loaded', property);
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, 'loaded')?.set === property.set)
      delete (prototype as Partial<NodeModule>).loaded;
  };
}

/** The plain property every module has without the hook. */
function become(module: NodeModule, loaded: boolean): void {
  Object.defineProperty(module, 'loaded', { value: loaded, configurable: true, enumerable: true, writable: true });
}

function awaitEnd(module: NodeModule, listener: ModuleListener): void {
  Object.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: true,
    get: () => false,
    set(value: boolean) {
      become(module, value);
      if (!value) return;
      try {
        listener.onLoaded(module, module.filename);
      } catch (cause) {
        degrade('instrument.hook', cause);
      }
    },
  });
}

function isAwaited(listener: ModuleListener, file: unknown): boolean {
  try {
    return typeof file === 'string' && listener.isAwaited(file);
  } catch (cause) {
    degrade('instrument.hook', cause);
    return false;
  }
}
