/**
 * The door to the OTLP destinations of the variables: what reads addresses, headers and credentials is loaded when one
 * of them is set, or a destination is asked for by name.
 *
 * Layer: config.
 */
import { createRequire } from 'node:module';
import { once } from '../core/once.ts';
import type * as destinationModule from './otlp-destination.ts';
import type { OtlpResolver } from './otlp-destination.ts';
import type { Reader } from './reader.ts';
import type { Variable } from './variable.ts';
import { GRAFANA_VARIABLES } from './variables/grafana.ts';
import { OTLP } from './variables/otlp.ts';

const load = createRequire(import.meta.url);

/** Settles destinations as {@link OtlpResolver} says. */
export function resolveOtlp(reader: Reader): OtlpResolver {
  const resolver = once(() => (load('./otlp-destination.ts') as typeof destinationModule).createOtlpResolver(reader));
  const isSet = (variables: readonly Variable[]): boolean => variables.some((each) => reader.text(each) !== undefined);
  if (isSet(GRAFANA_VARIABLES) || Object.values(OTLP).some((set) => isSet(Object.values(set)))) return resolver.get();
  return { hasEndpoint: () => false, destination: (signal) => resolver.get().destination(signal) };
}
