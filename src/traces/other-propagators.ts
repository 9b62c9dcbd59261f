/**
 * Propagators few programs ask for; loaded when one does.
 *
 * Layer: traces.
 */
import type { TextMapPropagator } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import type { PropagatorName } from '../config/config.ts';

/** Makes a propagator that is neither the W3C's nor Sentry's. */
export function createOtherPropagator(name: Extract<PropagatorName, 'b3' | 'b3multi' | 'xray'>): TextMapPropagator {
  switch (name) {
    case 'b3':
      return new B3Propagator();
    case 'b3multi':
      return new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER });
    case 'xray':
      return new AWSXRayPropagator();
  }
}
