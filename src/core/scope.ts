/**
 * Name, version and options of a tracer, meter or logger as texts, whatever an application gives.
 *
 * A scope stands once for all its items in a request, so one that cannot be written would cost them all.
 * Layer: core.
 */
import { degrade, describeCause, guard } from './guard.ts';
import { readablePart } from './readable-part.ts';

/** Arguments of `getTracer`, `getMeter` and `getLogger`. */
export type ScopeArguments<O> = readonly [name: string, version: string | undefined, options: O | undefined];

/** The arguments, as they are where they are sound. Never throws. */
export function scopeArguments<O extends object>(name: unknown, version: unknown, options: unknown): ScopeArguments<O> {
  if (typeof options !== 'object' || options === null) return [textOf(name) ?? '', textOf(version), undefined];
  return [textOf(name) ?? '', textOf(version), guard('api.scope', () => soundOptions(options as O), undefined)];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || value === undefined || value === null) return value ?? undefined;
  degrade('api.scope', `a ${typeof value} is no text`);
  return describeCause(value);
}

function soundOptions<O extends object>(options: O): O {
  const { schemaUrl, attributes, ...others } = options as O & { schemaUrl?: unknown; attributes?: unknown };
  return {
    ...others,
    ...(schemaUrl !== undefined && { schemaUrl: textOf(schemaUrl) }),
    ...(attributes !== undefined && { attributes: readablePart('api.scope', attributes) }),
  } as unknown as O;
}
