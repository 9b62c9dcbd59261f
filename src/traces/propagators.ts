/**
 * The propagators of the configuration, as one.
 *
 * Layer: traces. Names: OpenTelemetry environment variable specification, `OTEL_PROPAGATORS`.
 */
import { createRequire } from 'node:module';
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { degrade } from '../core/guard.ts';
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

/** Whether callers may be continued that did not decide whether their trace is sampled. */
export function continuesUndecided({ propagators }: Pick<Config, 'propagators'>): boolean {
  return propagators.includes('sentry') || propagators.includes('sentry-incoming');
}

/** The propagator as it stands in the API's slot: carriers, getters and contexts of the application may throw. */
export function guardPropagation(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
      try {
        propagator.inject(context, carrier, setter);
      } catch (cause) {
        degrade('propagation.inject', cause);
      }
    },
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      try {
        return propagator.extract(context, carrier, getter);
      } catch (cause) {
        degrade('propagation.extract', cause);
        return context;
      }
    },
    fields: () => propagator.fields(),
  };
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
