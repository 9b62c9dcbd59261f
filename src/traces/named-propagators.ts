/**
 * The propagators of the configuration, as one.
 *
 * Layer: traces. Loaded with the SDK. Names: OpenTelemetry environment variable specification, `OTEL_PROPAGATORS`.
 */
import { createRequire } from 'node:module';
import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { PropagatorName } from '../config/config.ts';
import type * as OtherPropagators from './other-propagators.ts';

const load = createRequire(import.meta.url);

/** Joins the named propagators; a later one wins where two extract a span context. */
export function createPropagator(names: readonly PropagatorName[]): TextMapPropagator {
  return new CompositePropagator({ propagators: names.map(createNamed) });
}

function createNamed(name: PropagatorName): TextMapPropagator {
  if (name === 'tracecontext') return new W3CTraceContextPropagator();
  if (name === 'baggage') return new W3CBaggagePropagator();
  const { createOtherPropagator } = load('./other-propagators.ts') as typeof OtherPropagators;
  return createOtherPropagator(name);
}
