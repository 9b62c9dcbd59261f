/**
 * Reads the attributes of one measurement into reused arrays and hashes them, without allocating.
 *
 * The caller's object is no identity: callers change and reuse theirs. So each measurement is read in full, which has
 * to be cheap: one pass over the own keys, no sorting, no text built. The hash does not depend on the order of keys.
 * Layer: metrics.
 */
import type { MetricAttributes } from '@opentelemetry/api';
import { degrade } from '../core/guard.ts';
import { type AttributeValue, validValue } from './attributes.ts';

/** Longer texts are hashed by both ends and their length, so that a megabyte costs no more than a line. */
const HASHED_CHARS = 256;
/** Odd, and different in each process: nobody outside can choose texts with equal hashes. */
const FACTOR = Math.floor(Math.random() * 0x7fff_ffff) | 0x1000_0001;

// `Object.hasOwn` is not optimised away in `for…in`, and doubles the cost of a scan.
// oxlint-disable-next-line typescript/unbound-method -- called with its receiver
const hasOwn = Object.prototype.hasOwnProperty;

/** The valid attributes of one measurement, until the next {@link read}. */
export class AttributeScan {
  readonly keys: string[] = [];
  readonly values: AttributeValue[] = [];
  /** How many of {@link keys} and {@link values} are in use. */
  size = 0;
  hash = 0;

  /**
   * Takes over `attributes`; values no attribute may have are left out and counted, but for `undefined` and `null`.
   *
   * @throws what getters and proxies throw
   */
  read(attributes: unknown): void {
    let size = 0;
    let hash = 0;
    if (typeof attributes === 'object' && attributes !== null) {
      for (const key in attributes) {
        if (!hasOwn.call(attributes, key) || key === '' || key === '__proto__') continue;
        const given = (attributes as Record<string, unknown>)[key];
        const value = typeof given === 'string' || typeof given === 'number' ? given : acceptValue(given);
        if (value === undefined) continue;
        hash = (hash + hashPair(key, value)) | 0;
        this.keys[size] = key;
        this.values[size] = value;
        size += 1;
      }
    }
    this.size = size;
    this.hash = hash;
  }

  /** Puts another value in place of one that was read. */
  replace(index: number, value: AttributeValue): void {
    const key = this.keys[index] as string;
    this.hash = (this.hash - hashPair(key, this.values[index] as AttributeValue) + hashPair(key, value)) | 0;
    this.values[index] = value;
  }

  /** The attributes as an object of their own. */
  toAttributes(): MetricAttributes {
    const attributes: MetricAttributes = {};
    for (let index = 0; index < this.size; index += 1) {
      attributes[this.keys[index] as string] = this.values[index];
    }
    return attributes;
  }
}

let idle: AttributeScan | undefined;

/** The scan that is free: a getter among the attributes may record a measurement itself. */
export function takeScan(): AttributeScan {
  const scan = idle ?? new AttributeScan();
  idle = undefined;
  return scan;
}

/** Frees a scan; one that is not given back after an exception is only made again. */
export function giveScanBack(scan: AttributeScan): void {
  idle = scan;
}

function acceptValue(given: unknown): AttributeValue | undefined {
  if (typeof given === 'boolean') return given;
  if (given === undefined || given === null) return undefined;
  const value = validValue(given);
  if (value === undefined) degrade('metrics.attribute', 'a value that no attribute may have was left out');
  return value;
}

function hashPair(key: string, value: AttributeValue): number {
  // Enough of the key that swapped values seldom collide; all of it would cost more than it saves.
  const ofKey = (key.charCodeAt(key.length - 1) << 8) | key.length;
  const hash = Math.imul(hashValue(value) ^ ofKey, FACTOR);
  // A table looks at the low bits, which a product takes from low bits only.
  return hash ^ (hash >>> 15);
}

function hashValue(value: AttributeValue): number {
  if (typeof value === 'string') return hashText(value);
  if (typeof value === 'number') return hashNumber(value);
  if (typeof value === 'boolean') return value ? 1 : 2;
  return hashText(JSON.stringify(value));
}

function hashNumber(value: number): number {
  const whole = value | 0;
  return whole === value ? whole : whole ^ ((value * 2 ** 32) | 0);
}

function hashText(text: string): number {
  const { length } = text;
  let hash = length;
  if (length <= HASHED_CHARS) {
    for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), FACTOR);
    return hash;
  }
  const half = HASHED_CHARS / 2;
  for (let index = 0; index < half; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), FACTOR);
  for (let index = length - half; index < length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), FACTOR);
  return hash;
}
