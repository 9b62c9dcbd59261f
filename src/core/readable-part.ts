/**
 * What can be read of attributes that throw when they are read as a whole: getters, proxies, anything that is no object.
 *
 * The second attempt of every door: a hostile value costs itself and not the item it came with.
 * Layer: core.
 */
import { degrade, guard } from './guard.ts';

/** A value no reader can stumble over. */
export type Scalar = string | number | boolean;

/** The texts, numbers and booleans among the attributes, each read once; what cannot be used is counted at `site`. */
export function readablePart(site: string, attributes: unknown): Record<string, Scalar> {
  const part: Record<string, Scalar> = {};
  try {
    if (typeof attributes !== 'object' || attributes === null) return part;
    for (const key of Object.keys(attributes)) {
      const value = readScalar(site, attributes, key);
      if (value !== undefined) part[key] = value;
    }
  } catch (cause) {
    degrade(site, cause);
  }
  return part;
}

/** One property, if it can be read and is a text, a number or a boolean. */
export function readScalar(site: string, owner: object, key: string): Scalar | undefined {
  const value = readProperty(site, owner, key);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value !== undefined) degrade(site, `a value of type ${typeof value} is left out`);
  return undefined;
}

/** One property of any kind, if it can be read. */
export function readProperty(site: string, owner: object, key: string): unknown {
  return guard(site, () => (owner as Record<string, unknown>)[key], undefined);
}
