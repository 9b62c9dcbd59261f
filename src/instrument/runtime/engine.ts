/**
 * Heap spaces of V8, and what keeps the event loop alive.
 *
 * Layer: instrument. Source: semantic conventions, "V8 JS engine runtime metrics".
 */
import type { Attributes, Meter } from '@opentelemetry/api';
import { ENGINE } from './catalogue.ts';
import { observe, type Observation } from './observe.ts';

/** Watches the heap and the active resources of this thread. */
export function observeEngine(meter: Meter): Observation {
  const spaces = new SeenNames('v8js.heap.space.name');
  const resources = new SeenNames('v8js.resource.type');
  return observe(meter, ENGINE, (say) => {
    for (const space of process.getBuiltinModule('node:v8').getHeapSpaceStatistics()) {
      // Half of the spaces are for features few programs use; an empty one is no series, until it was not empty once.
      if (space.space_size === 0 && !spaces.has(space.space_name)) continue;
      const attributes = spaces.see(space.space_name);
      say('used', space.space_used_size, attributes);
      say('size', space.space_size, attributes);
      say('available', space.space_available_size, attributes);
      say('physical', space.physical_space_size, attributes);
    }
    const active = countByName(process.getActiveResourcesInfo());
    for (const name of active.keys()) resources.see(name);
    for (const [name, attributes] of resources) say('resources', active.get(name) ?? 0, attributes);
  });
}

/** Names that had a value once, each with its attributes: they go on having one, so that no stale value stays. */
class SeenNames {
  readonly #key: string;
  readonly #attributes = new Map<string, Attributes>();

  constructor(key: string) {
    this.#key = key;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  see(name: string): Attributes {
    let attributes = this.#attributes.get(name);
    if (attributes === undefined) this.#attributes.set(name, (attributes = { [this.#key]: name }));
    return attributes;
  }

  [Symbol.iterator](): IterableIterator<[string, Attributes]> {
    return this.#attributes.entries();
  }
}

function countByName(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
