/**
 * The instruments of one instrumentation scope in the store.
 *
 * Layer: metrics.
 */
import type { HrTime } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { InstrumentType, MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricLimits } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { findCompatible, type InstrumentDescriptor } from './descriptor.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { FirstValues } from './first-values.ts';
import { HistogramCells } from './histogram-cells.ts';
import { toHrTime } from './hr-time.ts';
import type { ObservableRegistry } from './observable-registry.ts';
import { tellOverflow } from './overflow-notice.ts';
import type { SeriesBudget } from './series-budget.ts';
import { SeriesTable } from './series-table.ts';
import type { Series } from './series.ts';
import { StoredGauge } from './stored-gauge.ts';
import { boundariesOf, StoredHistogram } from './stored-histogram.ts';
import type { AnyPoint, StoredInstrument } from './stored-instrument.ts';
import { StoredObservable } from './stored-observable.ts';
import { StoredSum } from './stored-sum.ts';

/** What the instruments of all scopes share. */
export interface Shared {
  readonly limits: MetricLimits;
  readonly budget: SeriesBudget;
  readonly observables: ObservableRegistry;
  readonly hasExemplars: boolean;
  readonly clock: Clock;
  /** Called for each new series. */
  noteUse(): void;
}

/** An instrument as it is asked for. */
export interface Wanted {
  readonly descriptor: InstrumentDescriptor;
  /** Overrides the limit of the store. */
  readonly seriesLimit?: number | undefined;
}

/** What is read between two looks at the clock. */
export interface ReadPlan {
  readonly time: HrTime;
  readonly wants: (kind: InstrumentType) => boolean;
  readonly pointsPerStep: number;
}

export class ScopeStore {
  readonly scope: InstrumentationScope;
  readonly #shared: Shared;
  /** In the order in which the SDK gives them: namesakes together. */
  readonly #byName = new Map<string, StoredInstrument[]>();
  #startTime: HrTime = [0, 0];
  #startMillis = 0;

  constructor(scope: InstrumentationScope, shared: Shared) {
    this.scope = scope;
    this.#shared = shared;
  }

  /** A counter or an up-down counter. */
  sum(wanted: Wanted): StoredSum {
    return this.#findOrMake(
      wanted,
      (descriptor) => new StoredSum(descriptor, this.#table(wanted), this.#exemplars(1)),
    ) as StoredSum;
  }

  gauge(wanted: Wanted): StoredGauge {
    return this.#findOrMake(
      wanted,
      (descriptor) => new StoredGauge(descriptor, this.#table(wanted), this.#exemplars(1)),
    ) as StoredGauge;
  }

  /** @throws if the advice on boundaries is no array */
  histogram(wanted: Wanted): StoredHistogram {
    return this.#findOrMake(wanted, (descriptor) => {
      const boundaries = boundariesOf(descriptor);
      const buckets = boundaries.length + 1;
      const cells = new HistogramCells(buckets);
      const table = this.#table(wanted, (series) => cells.give(series));
      return new StoredHistogram(descriptor, { table, boundaries, cells, exemplars: this.#exemplars(buckets) });
    }) as StoredHistogram;
  }

  observable(wanted: Wanted): StoredObservable {
    return this.#findOrMake(
      wanted,
      (descriptor) => new StoredObservable(descriptor, this.#table(wanted), this.#shared.observables),
    ) as StoredObservable;
  }

  /** Metrics that have points; yields after each step. */
  *read({ time, wants, pointsPerStep }: ReadPlan): Generator<void, MetricData[]> {
    const metrics: MetricData[] = [];
    for (const instrument of [...this.#byName.values()].flat()) {
      const series = instrument.table.all;
      if (series.length === 0 || !wants(instrument.descriptor.type)) continue;
      const exemplars = instrument.exemplars?.read();
      const readPoint = instrument.createPointReader(time);
      const points: AnyPoint[] = [];
      // Series that are made meanwhile belong to the next snapshot.
      for (let index = 0, { length } = series; index < length; index += 1) {
        const each = series[index] as Series;
        points.push(readPoint(each, exemplars?.get(each)));
        if (points.length % pointsPerStep === 0) yield;
      }
      metrics.push(instrument.toMetric(points));
    }
    return metrics;
  }

  /** Forgets series that are idle for `afterMillis`, where that makes no later total wrong. */
  expire(nowMillis: number, afterMillis: number): void {
    for (const instrument of [...this.#byName.values()].flat()) {
      instrument.table.remove((series) => {
        if (series.isTouched) {
          series.isTouched = false;
          series.idleSinceMillis = nowMillis;
          return false;
        }
        if (nowMillis - series.idleSinceMillis < afterMillis || !instrument.canExpire(series)) return false;
        instrument.forget(series);
        return true;
      });
    }
  }

  /** The same instrument made twice is one; contradictory ones stand side by side, as in the SDK. */
  #findOrMake(wanted: Wanted, make: (descriptor: InstrumentDescriptor) => StoredInstrument): StoredInstrument {
    const { descriptor } = wanted;
    const namesakes = this.#byName.get(descriptor.name) ?? [];
    const known = findCompatible(namesakes, descriptor);
    if (known !== undefined) return known;
    const made = make(descriptor);
    this.#byName.set(descriptor.name, [...namesakes, made]);
    return made;
  }

  #table({ descriptor, seriesLimit }: Wanted, onNew?: (series: Series) => void): SeriesTable {
    const { limits, budget, clock } = this.#shared;
    const table: SeriesTable = new SeriesTable({
      limit: seriesLimit ?? limits.seriesPerInstrument,
      budget,
      firstValues: limits.firstValues.size === 0 ? undefined : new FirstValues(limits.firstValues),
      onNew: (series) => {
        onNew?.(series);
        this.#shared.noteUse();
      },
      onOverflow: (bound) => tellOverflow(descriptor.name, bound, table.all),
      now: () => this.#startTimeAt(clock()),
    });
    return table;
  }

  #exemplars(buckets: number): ExemplarRing | undefined {
    return this.#shared.hasExemplars ? new ExemplarRing(buckets, this.#shared.clock) : undefined;
  }

  /** One object for all series that begin in the same millisecond. */
  #startTimeAt(millis: number): HrTime {
    if (millis !== this.#startMillis) {
      this.#startMillis = millis;
      this.#startTime = toHrTime(millis);
    }
    return this.#startTime;
  }
}
