/**
 * Takes the slots of OpenTelemetry's global object, and gives them back.
 *
 * The API registers under a global symbol; a copy accepts the object only if its version field is not older than the
 * copy, and registers only if it is exactly its own. Both rules are met by making the object ourselves
 * (docs/explanation/api-copies.md). A slot another SDK holds is left to it.
 * Layer: run.
 */
import type {
  ContextManager,
  DiagLogger,
  LoggerProvider,
  Meter,
  MeterProvider,
  TextMapPropagator,
  TracerProvider,
} from '@opentelemetry/api';
import { isPresent } from '../core/is-present.ts';

/** Key of the global object, the same in every 1.x version of the API. */
export const API_KEY: unique symbol = Symbol.for('opentelemetry.js.api.1') as never;

/** The API version our private copy is. */
export const PRIVATE_API_VERSION = '1.10.0';

/** The parts of another copy of the API that are used here; 1.9 has no `logs`. */
export interface ApiCopy {
  createNoopMeter?(): Meter;
  readonly trace: { getTracerProvider(): TracerProvider & { setDelegate?(provider: TracerProvider): void } };
  /**
   * `_setDelegate` is what the API's own `setGlobalLoggerProvider` calls. Private: no public twin exists as there is
   * for traces (opentelemetry-js, `ProxyLoggerProvider`); test/contract/api-copies.test.ts fails when it goes.
   */
  readonly logs?: { getLoggerProvider(): LoggerProvider & { _setDelegate?(provider: LoggerProvider): void } };
}

/** The slots of the three signals. */
export interface ProviderSlots {
  readonly trace: TracerProvider;
  readonly metrics: MeterProvider;
  readonly logs: LoggerProvider;
}

/** What goes into the slots. */
export interface Slots extends ProviderSlots {
  readonly context: ContextManager;
  readonly propagation: TextMapPropagator;
  readonly diag?: DiagLogger;
}

type SlotName = keyof Slots;
type GlobalApi = Partial<Record<SlotName, object>> & { readonly version: string };

/** A slot that somebody else has. */
export interface HeldSlot {
  readonly slot: SlotName;
  /** Name of the holder's class, e.g. `ProxyTracerProvider`. */
  readonly holder: string;
}

/** The outcome of claiming. */
export interface Claim {
  readonly held: readonly HeldSlot[];
  /** Version the holder registered with; `undefined` if the global object was not there. */
  readonly foundVersion: string | undefined;
  /** Copies of the API that still do not see our providers, with their reason. */
  readonly blind: number;
  /** Gives our slots back. */
  release(): void;
}

const holder = globalThis as { [API_KEY]?: GlobalApi };

/** Fills every free slot and joins the tracers and loggers that copies made before. */
export function claimGlobals(slots: Slots, copies: readonly ApiCopy[], installedVersion: string | undefined): Claim {
  for (const copy of copies) joinEarly(copy, slots);
  const before = holder[API_KEY];
  const held = (Object.keys(slots) as SlotName[])
    .filter((slot) => slot !== 'diag' && before?.[slot] !== undefined)
    .map((slot): HeldSlot => ({ slot, holder: holderName(before?.[slot]) }));
  const version = newest([PRIVATE_API_VERSION, before?.version, installedVersion]);
  const { version: _, ...taken } = before ?? { version };
  holder[API_KEY] = Object.defineProperty({ ...slots, ...taken }, 'version', {
    value: version,
    enumerable: true,
    configurable: true,
  }) as GlobalApi;
  const ours = new Map(Object.entries(slots).filter(([slot]) => !(slot in taken)));
  return {
    held,
    foundVersion: before?.version,
    blind: ours.has('trace') ? copies.filter((copy) => copy.trace.getTracerProvider() !== slots.trace).length : 0,
    release: () => release(ours),
  };
}

/**
 * Joins the tracers and loggers a copy handed out before any provider was there.
 *
 * While a slot is free, a copy answers with its own proxy; once it is taken, with what the holder put there, which is
 * not ours to point elsewhere.
 */
function joinEarly(copy: ApiCopy, { trace, logs }: ProviderSlots): void {
  const taken = holder[API_KEY];
  if (taken?.trace === undefined) copy.trace.getTracerProvider().setDelegate?.(trace);
  if (taken?.logs === undefined) copy.logs?.getLoggerProvider()._setDelegate?.(logs);
}

function release(ours: ReadonlyMap<string, object>): void {
  const current = holder[API_KEY];
  if (current === undefined) return;
  for (const [slot, value] of ours) if (current[slot as SlotName] === value) delete current[slot as SlotName];
  if (Object.keys(current).length === 1) delete holder[API_KEY];
}

/** The class behind a slot, without the suffix of bundlers; the API puts a proxy in front of a tracer provider. */
function holderName(value: { getDelegate?(): object } | undefined): string {
  const delegate = value?.getDelegate?.() ?? value;
  return delegate?.constructor?.name.replace(/\$\d+$/, '') ?? 'unknown';
}

/** The newest of some `major.minor.patch` versions of one major. */
function newest(versions: readonly (string | undefined)[]): string {
  const sortable = (version: string): number => {
    const [, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
    return minor * 1e6 + patch;
  };
  const known = versions.filter(isPresent).filter((version) => /^1\.\d+\.\d+$/.test(version));
  return known.reduce((best, version) => (sortable(version) > sortable(best) ? version : best));
}
