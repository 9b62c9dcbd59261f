/**
 * Instrumentations that bring their own hook of `require()`: given to `start()`, or installed in the application.
 *
 * Their hook does not see what ES modules import. When one of their modules has run, it is asked for once more by
 * `require()`, so that their hook sees it too, and its answer becomes the module's exports.
 * Layer: instrument.
 */
import { degrade } from '../core/guard.ts';
import type { Decision } from './decision.ts';

/** Modules of such instrumentations. */
export class OwnHooks {
  readonly #decisions = new Map<string, Decision[]>();

  /** Has `module` shown to the hooks of the instrumentation behind `decision`. */
  add(module: string, decision: Decision): void {
    const known = this.#decisions.get(module);
    if (known === undefined) this.#decisions.set(module, [decision]);
    else known.push(decision);
  }

  wants(name: string): boolean {
    return this.#decisions.has(name);
  }

  /** Shows a module that has just run, if somebody wants it. Never throws. */
  show(name: string, module: NodeModule): void {
    const decisions = this.#decisions.get(name);
    if (decisions === undefined) return;
    try {
      module.exports = module.require(module.filename);
      for (const decision of decisions) decision.note('active', name);
    } catch (cause) {
      degrade(`instrument.${name}`, cause);
    }
  }
}
