/**
 * What the first use of any signal needs of the SDK: one chunk, because each file costs a quarter of a millisecond.
 *
 * Layer: run. Loaded with the first provider; the build knows it by name.
 */
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';

export { createTraces } from '../traces/provider.ts';
export { createPropagator } from '../traces/named-propagators.ts';

/** The resource as providers take it. */
export function createSdkResource(attributes: Readonly<Record<string, string | number>>): Resource {
  return resourceFromAttributes({ ...attributes });
}
