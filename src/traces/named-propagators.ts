/**
 * The propagators of the configuration, as one.
 *
 * Layer: traces. Loaded with the SDK. Names: OpenTelemetry environment variable specification, `OTEL_PROPAGATORS`.
 */
import { createRequire } from 'node:module';
import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Config, PropagatorName } from '../config/config.ts';
import type * as OtherPropagators from './other-propagators.ts';
import type * as SentryPropagatorModule from './sentry-propagator.ts';

const load = createRequire(import.meta.url);

/** What propagators are made from. */
export type PropagatorConfig = Pick<Config, 'propagators' | 'sentry'>;

/** Joins the named propagators; a later one wins where two extract a span context, but for Sentry's. */
export function createPropagator(config: PropagatorConfig): TextMapPropagator {
  return new CompositePropagator({ propagators: config.propagators.map((name) => createNamed(name, config)) });
}

function createNamed(name: PropagatorName, { sentry }: PropagatorConfig): TextMapPropagator {
  if (name === 'tracecontext') return new W3CTraceContextPropagator();
  if (name === 'baggage') return new W3CBaggagePropagator();
  if (name === 'sentry' || name === 'sentry-incoming') {
    const { SentryTracePropagator } = load('./sentry-propagator.ts') as typeof SentryPropagatorModule;
    return new SentryTracePropagator(name === 'sentry' ? 'both' : 'incoming', sentry);
  }
  const { createOtherPropagator } = load('./other-propagators.ts') as typeof OtherPropagators;
  return createOtherPropagator(name);
}
