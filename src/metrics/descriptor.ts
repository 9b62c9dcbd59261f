/**
 * What an instrument is called and what it measures, by the rules of the SDK.
 *
 * Layer: metrics. Source: OpenTelemetry specification, "Metrics API", instrument name syntax; "Metrics SDK", duplicate
 * instrument registration.
 */
import { diag, type MetricAdvice, type MetricOptions, ValueType } from '@opentelemetry/api';
import type { InstrumentType, MetricDescriptor } from '@opentelemetry/sdk-metrics';

/** The SDK's instrument descriptor, of which it publishes the first four fields. */
export interface InstrumentDescriptor extends MetricDescriptor {
  readonly type: InstrumentType;
  readonly advice: MetricAdvice;
}

const VALID_NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i;

/** Describes an instrument; an invalid name is told through `diag` and used all the same, as the SDK does. */
export function createDescriptor(
  name: string,
  type: InstrumentType,
  options: MetricOptions | undefined,
): InstrumentDescriptor {
  if (!VALID_NAME.test(name)) {
    diag.warn(
      `Invalid metric name: "${name}". It should start with a letter and have at most 255 letters, digits, _ . - /.`,
    );
  }
  return {
    name,
    type,
    description: options?.description ?? '',
    unit: options?.unit ?? '',
    valueType: options?.valueType ?? ValueType.DOUBLE,
    advice: options?.advice ?? {},
  };
}

/**
 * The instrument among `known`, all of the same name, that a new one is the same as.
 *
 * Contradictions are told through `diag`; of two descriptions the longer one stays.
 */
export function findCompatible<T extends { descriptor: InstrumentDescriptor }>(
  known: readonly T[],
  wanted: InstrumentDescriptor,
): T | undefined {
  let compatible: T | undefined;
  for (const instrument of known) {
    const { descriptor } = instrument;
    const differences = (['unit', 'type', 'valueType'] as const).filter((field) => descriptor[field] !== wanted[field]);
    if (differences.length > 0) {
      warnOfDuplicate(descriptor, wanted, differences);
      continue;
    }
    if (descriptor.description !== wanted.description) {
      warnOfDuplicate(descriptor, wanted, ['description']);
      if (wanted.description.length > descriptor.description.length) {
        instrument.descriptor = { ...descriptor, description: wanted.description };
      }
    }
    compatible = instrument;
  }
  return compatible;
}

function warnOfDuplicate(
  known: InstrumentDescriptor,
  wanted: InstrumentDescriptor,
  fields: readonly ('unit' | 'type' | 'valueType' | 'description')[],
): void {
  const differences = fields.map((field) => `${field} '${known[field]}' and '${wanted[field]}'`).join(', ');
  const outcome =
    fields[0] === 'description' ? 'The longer description is used.' : 'Both are exported, which back ends may refuse.';
  diag.warn(`The instrument "${wanted.name}" was made twice with different properties: ${differences}. ${outcome}`);
}
