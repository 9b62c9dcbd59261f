/**
 * The propagator in the API's slot: guarded, and loaded with the first carrier.
 *
 * Layer: traces.
 */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { degrade, guard } from '../core/guard.ts';
import { once } from '../core/once.ts';

/**
 * Carriers, getters and contexts of the application may throw; nothing comes of it but an uncarried context.
 *
 * @param make - called with the first carrier
 */
export function createPropagation(make: () => TextMapPropagator): TextMapPropagator {
  const propagator = once(make);
  return {
    inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
      try {
        propagator.get().inject(context, carrier, setter);
      } catch (cause) {
        degrade('propagation.inject', cause);
      }
    },
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      try {
        return propagator.get().extract(context, carrier, getter);
      } catch (cause) {
        degrade('propagation.extract', cause);
        return context;
      }
    },
    fields: () => guard('propagation.fields', () => propagator.get().fields(), []),
  };
}
