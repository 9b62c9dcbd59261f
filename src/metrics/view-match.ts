/**
 * Which of the user's views select an instrument, by the rules of the SDK, which does not tell.
 *
 * Layer: metrics. Source: OpenTelemetry specification, "Instrument selection criteria"; `ViewRegistry` of the SDK.
 */
import type { InstrumentationScope } from '@opentelemetry/core';
import { InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { HistogramAggregation } from '../config/config.ts';
import type { InstrumentDescriptor } from './descriptor.ts';

/** What views ask for an instrument. */
export type ViewVerdict =
  /** A stream of its own: other name, attributes, aggregation. */
  | { readonly storage: 'sdk' }
  /** Nothing, or only a limit. */
  | { readonly storage: 'store'; readonly seriesLimit?: number };

/** Judges instruments against views the SDK has accepted. */
export type ViewJudge = (descriptor: InstrumentDescriptor, scope: InstrumentationScope) => ViewVerdict;

const IN_STORE: ViewVerdict = { storage: 'store' };

/** @param histograms - exponential ones are in storage of the SDK, too */
export function createViewJudge(
  views: readonly ViewOptions[],
  histograms: HistogramAggregation = 'explicit_bucket_histogram',
): ViewJudge {
  const isElsewhere = ({ type }: InstrumentDescriptor): boolean =>
    type === InstrumentType.HISTOGRAM && histograms === 'base2_exponential_bucket_histogram';
  const selectors = views.map((view) => ({ view, selects: createSelector(view) }));
  return (descriptor, scope) => {
    const selected = selectors.filter(({ selects }) => selects(descriptor, scope));
    if (isElsewhere(descriptor) || selected.some(({ view }) => !isLimitOnly(view))) return { storage: 'sdk' };
    const limit = selected[0]?.view.aggregationCardinalityLimit;
    return limit === undefined ? IN_STORE : { storage: 'store', seriesLimit: limit };
  };
}

function isLimitOnly({
  name,
  description,
  attributesProcessors,
  aggregation,
  aggregationCardinalityLimit,
}: ViewOptions): boolean {
  const changesStream = [name, description, attributesProcessors, aggregation].some((part) => part != null);
  return !changesStream && typeof aggregationCardinalityLimit === 'number';
}

function createSelector(view: ViewOptions): (descriptor: InstrumentDescriptor, scope: InstrumentationScope) => boolean {
  const namePattern = patternOf(view.instrumentName ?? '*');
  return ({ name, type, unit }, scope) =>
    (view.instrumentType === undefined || view.instrumentType === type) &&
    namePattern.test(name) &&
    selectsExactly(view.instrumentUnit, unit) &&
    selectsExactly(view.meterName, scope.name) &&
    (scope.version === undefined || selectsExactly(view.meterVersion, scope.version)) &&
    (scope.schemaUrl === undefined || selectsExactly(view.meterSchemaUrl, scope.schemaUrl));
}

/** Like the SDK, which replaces the first `*` only. */
function patternOf(pattern: string): RegExp {
  if (pattern === '*') return /(?:)/;
  return new RegExp(`^${pattern.replaceAll(/[\^$\\.+?()[\]{}|]/g, String.raw`\$&`).replace('*', '.*')}$`);
}

function selectsExactly(wanted: string | undefined, given: string): boolean {
  return wanted === undefined || wanted === given;
}
