/**
 * Instruments that were made before `start()` without the preload: what they record is lost, and that is told.
 *
 * The API hands out shared no-ops before there is a provider, so nobody knows how many instruments were made of them.
 * What can be done afterwards: each record that still reaches one is counted, and what an early meter makes from now on
 * is a real instrument, without the name of its scope (docs/explanation/api-copies.md).
 * Layer: metrics.
 */
import type { Meter } from '@opentelemetry/api';
import { degrade } from '../core/guard.ts';
import { notify } from '../core/notices.ts';

/** A copy of the API, as far as its no-ops are concerned. */
export interface NoopSource {
  createNoopMeter?(): Meter;
}

type Method = (...given: unknown[]) => unknown;
type Patchable = Record<string, Method>;

/** By maker: the methods of what it makes that record. */
const RECORDING = {
  createCounter: 'add',
  createUpDownCounter: 'add',
  createHistogram: 'record',
  createGauge: 'record',
  createObservableCounter: 'addCallback',
  createObservableUpDownCounter: 'addCallback',
  createObservableGauge: 'addCallback',
} as const;

const BATCHES = ['addBatchObservableCallback', 'removeBatchObservableCallback'] as const;

/** The SDK's own metrics about itself: given a no-op meter on purpose. Source: semantic conventions, `otel.*`. */
const OF_THE_SDK = 'otel.';

/**
 * Watches the no-ops of some copies of the API.
 *
 * @param rescue - the meter that early meters are from now on
 * @returns a function that leaves them as they were
 */
export function watchEarlyInstruments(copies: readonly NoopSource[], rescue: () => Meter): () => void {
  const meters = copies.map((copy) => copy.createNoopMeter?.()).filter((meter) => meter !== undefined);
  const undo = meters.flatMap((meter) => [...countLosses(meter), ...rescueMakers(meter, rescue)]);
  return () => {
    for (const restore of undo) restore();
  };
}

function countLosses(meter: Meter): (() => void)[] {
  return Object.entries(RECORDING).map(([maker, method]) => {
    const instrument = (meter as unknown as Record<string, (name: string) => Patchable>)[maker]?.('') ?? {};
    return replace(instrument, method, () => countLoss);
  });
}

function rescueMakers(meter: Meter, rescue: () => Meter): (() => void)[] {
  const patchable = meter as unknown as Patchable;
  const makers = Object.keys(RECORDING).map((maker) =>
    replace(patchable, maker, (original) => (name, ...rest) => {
      if (typeof name === 'string' && name.startsWith(OF_THE_SDK)) return twinOf(original.call(meter, name));
      return (rescue() as unknown as Patchable)[maker]?.(name, ...rest);
    }),
  );
  const batches = BATCHES.map((name) =>
    replace(
      patchable,
      name,
      () =>
        (...given) =>
          (rescue() as unknown as Patchable)[name]?.(...given),
    ),
  );
  return [...makers, ...batches];
}

/** A no-op of the same class that is not watched. */
function twinOf(instrument: unknown): object {
  return Object.create(Object.getPrototypeOf(instrument) as object) as object;
}

/** Puts an own property in front of the method of the class; restoring removes it. */
function replace(owner: Patchable, name: string, make: (original: Method) => Method): () => void {
  const original = owner[name];
  if (original === undefined || Object.hasOwn(owner, name)) return () => undefined;
  owner[name] = make(original);
  return () => {
    delete owner[name];
  };
}

function countLoss(_value: unknown, attributes: unknown): void {
  if (isOfTheSdk(attributes)) return;
  degrade('metrics.early-instrument', 'recorded on an instrument that was made before start()');
  notify({
    code: 'DUOTEL_EARLY_INSTRUMENTS',
    message:
      'Instruments that were made before start() record nothing; what is lost is counted in status(). ' +
      'Start with `node --import duotel/register`, or call start() in a module that is imported before all others.',
    key: 'early',
  });
}

function isOfTheSdk(attributes: unknown): boolean {
  if (typeof attributes !== 'object' || attributes === null) return false;
  try {
    return Object.keys(attributes).some((key) => key.startsWith(OF_THE_SDK));
  } catch {
    return false;
  }
}
