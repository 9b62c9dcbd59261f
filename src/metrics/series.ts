/**
 * One series: an attribute set of one instrument and what was aggregated for it.
 *
 * One shape for all kinds of instruments keeps the code that records monomorphic, hence fast.
 * Layer: metrics.
 */
import type { HrTime, MetricAttributes } from '@opentelemetry/api';
import type { AttributeValue } from './attributes.ts';
import type { AttributeScan } from './attribute-scan.ts';

/** What a series is found by. */
export interface SeriesIdentity {
  readonly hash: number;
  /** In the order in which they were first given; shared by series with the same keys. */
  readonly keys: readonly string[];
  readonly values: readonly AttributeValue[];
  /** The same object in every snapshot: renderers key their caches by it. */
  readonly attributes: MetricAttributes;
}

export class Series {
  readonly hash: number;
  readonly keys: readonly string[];
  readonly values: readonly AttributeValue[];
  readonly attributes: MetricAttributes;
  /** Changes when an observed total starts again. */
  startTime: HrTime;
  /** Next series in the same slot of the table. */
  next: Series | undefined = undefined;
  /** Total or last value; histograms use their cells instead. */
  value = 0;
  /** Cells of a histogram, shared with other series; those of this one begin at {@link firstCell}. */
  cells: Float64Array | undefined = undefined;
  firstCell = 0;
  /** Whether it was recorded since somebody looked for idle series. */
  isTouched = true;
  idleSinceMillis = 0;
  /** Number of the collection that observed it last; observable instruments only. */
  collection = 0;

  constructor({ hash, keys, values, attributes }: SeriesIdentity, startTime: HrTime) {
    this.hash = hash;
    this.keys = keys;
    this.values = values;
    this.attributes = attributes;
    this.startTime = startTime;
  }

  /** Whether it has exactly the attributes of `scan`; the order of keys does not matter. */
  matches(scan: AttributeScan): boolean {
    const { keys, values } = this;
    if (values.length !== scan.size) return false;
    for (let index = 0; index < values.length; index += 1) {
      if (keys[index] !== scan.keys[index] || values[index] !== scan.values[index]) return this.#matchesAnyOrder(scan);
    }
    return true;
  }

  #matchesAnyOrder(scan: AttributeScan): boolean {
    return this.keys.every((key, index) => {
      const at = scan.keys.indexOf(key);
      return at >= 0 && at < scan.size && isSameValue(this.values[index], scan.values[at]);
    });
  }
}

function isSameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (typeof a === 'object' && typeof b === 'object') return JSON.stringify(a) === JSON.stringify(b);
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
