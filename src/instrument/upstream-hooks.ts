/**
 * Stands in for `require-in-the-middle` and `import-in-the-middle` inside the bundled instrumentations.
 *
 * Each of the originals patches the module system for itself. The instrumentations run unmodified; what they register
 * here is called by our one hook.
 * Layer: instrument. The build puts it in place of both packages.
 */
type OnRequire = (exports: unknown, name: string, folder: string) => unknown;

const hooks: OnRequire[] = [];

/** Shape of both packages' hook; only `require-in-the-middle` is asked for all modules (`null`). */
export class Hook {
  constructor(modules: readonly string[] | null, _options: unknown, onRequire: OnRequire) {
    if (modules === null) hearFiles(onRequire);
  }

  // oxlint-disable-next-line class-methods-use-this -- part of the interface
  unhook(): void {
    // Ours stays.
  }
}

/** Has a function see each patched file, for an instrumentation of our own. */
export function hearFiles(onRequire: OnRequire): void {
  hooks.push(onRequire);
}

/** Passes the exports of a file through the instrumentations made so far; those that do not want it leave it alone. */
export function applyUpstream(exports: unknown, name: string, folder: string): unknown {
  return hooks.reduce((patched, onRequire) => onRequire(patched, name, folder), exports);
}
