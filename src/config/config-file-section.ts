/**
 * A mapping of the configuration file that knows which of its keys were used.
 *
 * What nobody asked for has no effect, and people must hear of it by its path: keeping the account here spares every
 * reader a list of the keys it knows.
 * Layer: config; loaded only when a configuration file is set.
 */
import type { Tree } from './config-file-tree.ts';

/** A part of the file without effect. */
export interface Unused {
  /** E.g. `tracer_provider.processors[1].batch.exporter.otlp_grpc`. */
  readonly path: string;
  /** Why, or what to do, as a sentence; nothing for a key that is simply unknown. */
  readonly reason?: string;
}

export interface Section {
  /** Keys in the order of the file. */
  readonly keys: readonly string[];
  /** Text of a scalar; `undefined` when absent, empty or null. */
  text(key: string): string | undefined;
  /** Mapping below `key`; a key without value is an empty one, as in `console:`. */
  section(key: string): Section | undefined;
  /** Mappings of the sequence below `key`; a plain name stands for a mapping with that one key. */
  items(key: string): readonly Section[];
  /** Counts a key as used when its text is one of `harmless`, or whatever it is when none are given. */
  accept(key: string, harmless?: readonly string[]): void;
  /** Declares the whole section without effect. */
  refuse(reason: string): void;
  /** Everything below that had no effect. */
  unused(): readonly Unused[];
}

/** @param path - `''` for the whole file */
export function createSection(mapping: { readonly [key: string]: Tree }, path: string = ''): Section {
  const used = new Set<string>();
  const children = new Map<string, Section>();
  let refusal: string | undefined;
  const pathOf = (key: string) => (path === '' ? key : `${path}.${key}`);
  const open = (tree: Tree | undefined, at: string): Section | undefined => {
    const below = toMapping(tree);
    if (below === undefined) return undefined;
    const child = children.get(at) ?? createSection(below, at);
    children.set(at, child);
    return child;
  };
  return {
    keys: Object.keys(mapping),
    text(key) {
      const value = mapping[key];
      if (typeof value === 'string' || value === null) used.add(key);
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
    section(key) {
      const child = typeof mapping[key] === 'string' ? undefined : open(mapping[key], pathOf(key));
      if (child !== undefined) used.add(key);
      return child;
    },
    items(key) {
      const value = mapping[key];
      if (value === null || Array.isArray(value)) used.add(key);
      const list: readonly Tree[] = Array.isArray(value) ? value : [];
      return list.map((tree, index) => open(tree, `${pathOf(key)}[${index}]`)).filter((item) => item !== undefined);
    },
    accept(key, harmless) {
      const value = mapping[key];
      if (harmless === undefined || value === null || (typeof value === 'string' && harmless.includes(value)))
        used.add(key);
    },
    refuse(reason) {
      refusal = reason;
    },
    unused() {
      if (refusal !== undefined) return [{ path, reason: refusal }];
      const own = Object.keys(mapping).filter((key) => !used.has(key));
      return [
        ...own.map((key) => ({ path: pathOf(key) })),
        ...[...children.values()].flatMap((child) => child.unused()),
      ];
    },
  };
}

function toMapping(tree: Tree | undefined): { readonly [key: string]: Tree } | undefined {
  if (tree === undefined || Array.isArray(tree)) return undefined;
  if (tree === null) return {};
  return typeof tree === 'string' ? { [tree]: null } : (tree as { readonly [key: string]: Tree });
}
