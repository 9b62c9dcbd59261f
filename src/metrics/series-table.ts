/**
 * The series of one instrument: found by attributes, bounded in number, with exact totals beyond the bound.
 *
 * Bounded over the whole life of the process, not per collection as in the SDK: a process that meets a million user
 * ids must not grow. A hash table of its own, because a `Map` would need a text as key, built at each measurement.
 * Layer: metrics.
 */
import { createRequire } from 'node:module';
import type { HrTime } from '@opentelemetry/api';
import { AttributeScan, giveScanBack, takeScan } from './attribute-scan.ts';
import type * as RedactedScan from './redacted-scan.ts';
import type { FirstValues } from './first-values.ts';
import type { SeriesBudget } from './series-budget.ts';
import { Series } from './series.ts';

const load = createRequire(import.meta.url);

const FIRST_SLOTS = 8;
/** Lists of keys one instrument shares between its series; callers have a few at most. */
const SHARED_KEY_LISTS = 16;

/** Attributes of the series that takes what finds no room. Source: OpenTelemetry specification, "Overflow attribute". */
const OVERFLOW = { 'otel.metric.overflow': true };

/** Which bound was met first. */
export type Bound = 'instrument' | 'total';

export interface SeriesTableOptions {
  /** Most series, the one for overflow included; specification, "Cardinality limits". */
  readonly limit: number;
  /** Shared by all instruments of the store. */
  readonly budget: SeriesBudget;
  readonly firstValues: FirstValues | undefined;
  /** Prepares a series nobody recorded yet. */
  readonly onNew: (series: Series) => void;
  /** Called once, when the first measurement finds no room for a series of its own. */
  readonly onOverflow: (bound: Bound) => void;
  /** Start time of a series made now. */
  readonly now: () => HrTime;
}

export class SeriesTable {
  readonly #options: SeriesTableOptions;
  #slots: (Series | undefined)[] = Array.from({ length: FIRST_SLOTS }, () => undefined);
  #mask = FIRST_SLOTS - 1;
  /** In order of appearance, overflow included; replaced, never shortened, so that who iterates is not disturbed. */
  #all: Series[] = [];
  readonly #keyLists: (readonly string[])[] = [];
  /** Series with attributes of their own. */
  #size = 0;
  /** Takes every measurement that finds no room. */
  #overflow: Series | undefined;

  constructor(options: SeriesTableOptions) {
    this.#options = options;
  }

  get all(): readonly Series[] {
    return this.#all;
  }

  isOverflow(series: Series): boolean {
    return series === this.#overflow;
  }

  /** The series a measurement of the application belongs to. Throws like {@link find}. */
  record(attributes: unknown): Series {
    this.#options.budget.measurements += 1;
    return this.find(attributes);
  }

  /**
   * The series for these attributes, made if it is new and there is room, else the one for overflow.
   *
   * @throws what getters and proxies among the attributes throw
   */
  find(attributes: unknown): Series {
    const scan = takeScan();
    scan.read(attributes);
    const series = this.#lookUp(scan) ?? this.#admit(scan);
    giveScanBack(scan);
    return series;
  }

  /** Forgets series; they come back as new ones. */
  remove(isExpired: (series: Series) => boolean): void {
    const kept = this.#all.filter((series) => series === this.#overflow || !isExpired(series));
    const removed = this.#all.length - kept.length;
    if (removed === 0) return;
    this.#all = kept;
    this.#size -= removed;
    this.#options.budget.used -= removed;
    this.#rebuild(this.#slots.length);
  }

  #lookUp(scan: AttributeScan): Series | undefined {
    const { hash } = scan;
    let series = this.#slots[hash & this.#mask];
    while (series !== undefined) {
      if (series.hash === hash && series.matches(scan)) return series;
      series = series.next;
    }
    return undefined;
  }

  #admit(scan: AttributeScan): Series {
    const { firstValues, budget, limit } = this.#options;
    // In this order: a secret must not be among the first values of a label either.
    const isRedacted = (load('./redacted-scan.ts') as typeof RedactedScan).redactScan(scan);
    if (firstValues?.fold(scan) === true || isRedacted) {
      const known = this.#lookUp(scan);
      if (known !== undefined) return known;
    }
    if (this.#size >= limit - 1) return this.#overflowed('instrument');
    // The first series of an instrument is always there: one without attributes must not become an overflow.
    if (budget.isSpent && this.#size > 0) return this.#overflowed('total');
    const series = this.#make(scan);
    this.#size += 1;
    budget.used += 1;
    return series;
  }

  #overflowed(bound: Bound): Series {
    if (this.#overflow === undefined) {
      const scan = new AttributeScan();
      scan.read(OVERFLOW);
      // Whoever records with these attributes means this series.
      this.#overflow = this.#lookUp(scan) ?? this.#make(scan);
      this.#options.onOverflow(bound);
    }
    return this.#overflow;
  }

  #make(scan: AttributeScan): Series {
    const identity = {
      hash: scan.hash,
      keys: this.#shareKeys(scan),
      values: scan.values.slice(0, scan.size),
      attributes: scan.toAttributes(),
    };
    const series = new Series(identity, this.#options.now());
    this.#options.onNew(series);
    this.#all.push(series);
    if (this.#all.length > this.#slots.length) this.#rebuild(this.#slots.length * 2);
    else this.#link(series);
    return series;
  }

  #shareKeys(scan: AttributeScan): readonly string[] {
    const known = this.#keyLists.find(
      (keys) => keys.length === scan.size && keys.every((key, index) => key === scan.keys[index]),
    );
    if (known !== undefined) return known;
    const keys = scan.keys.slice(0, scan.size);
    if (this.#keyLists.length < SHARED_KEY_LISTS) this.#keyLists.push(keys);
    return keys;
  }

  #link(series: Series): void {
    const slot = series.hash & this.#mask;
    series.next = this.#slots[slot];
    this.#slots[slot] = series;
  }

  #rebuild(slots: number): void {
    this.#slots = Array.from({ length: slots }, () => undefined);
    this.#mask = slots - 1;
    for (const series of this.#all) this.#link(series);
  }
}
