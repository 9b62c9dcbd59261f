/**
 * Where meters put instruments: the application's, which are use and news, and this package's own, which are neither.
 *
 * Layer: metrics. Both are parts of the store.
 */
import type { InstrumentationScope } from '@opentelemetry/core';
import type { MetricLimits } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { ObservableRegistry } from './observable-registry.ts';
import { ScopeStore, type Shared } from './scope-store.ts';
import { SeriesBudget } from './series-budget.ts';

export interface InstrumentPlace {
  /** Callbacks of observable instruments. */
  readonly observables: ObservableRegistry;
  /** Instruments of one instrumentation scope; the same object for the same scope. */
  scope(scope: InstrumentationScope): ScopeStore;
  /** Says that something was, or will be, recorded. */
  noteUse(): void;
}

/** Instruments of ours have few series each; the specification's default keeps a mistake from growing. */
const LIMITS: MetricLimits = {
  seriesPerInstrument: 2_000,
  totalSeries: Infinity,
  firstValues: new Map(),
  expireAfterMillis: undefined,
};

/**
 * Instruments of this package's own.
 *
 * They are in every snapshot, but no reason to send one at the end of a program, and take no series away from the
 * application.
 */
export class BackgroundPart implements InstrumentPlace, Shared {
  readonly limits: MetricLimits = LIMITS;
  readonly budget: SeriesBudget = new SeriesBudget(LIMITS.totalSeries);
  readonly observables: ObservableRegistry = new ObservableRegistry(() => undefined);
  readonly hasExemplars: boolean = false;
  readonly clock: Clock;
  readonly scopes: Map<string, ScopeStore> = new Map();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  scope(scope: InstrumentationScope): ScopeStore {
    return findScope(this.scopes, scope, this);
  }

  noteUse(): void {}
}

/** The instruments of a scope, made when they are first asked for. */
export function findScope(scopes: Map<string, ScopeStore>, scope: InstrumentationScope, shared: Shared): ScopeStore {
  const id = scopeId(scope);
  let known = scopes.get(id);
  if (known === undefined) scopes.set(id, (known = new ScopeStore(scope, shared)));
  return known;
}

function scopeId({ name, version, schemaUrl }: InstrumentationScope): string {
  return `${name}:${version ?? ''}:${schemaUrl ?? ''}`;
}
