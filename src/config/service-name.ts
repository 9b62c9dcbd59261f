/**
 * The name every back end files this program under.
 *
 * Order: code and environment (settled before, DESIGN §6), the application's package.json, the platform's own name
 * for the service, `unknown_service:node`. A scoped package keeps its full name (`@acme/checkout`): it is what people
 * search for, and two scopes cannot collide.
 * Layer: config.
 */
import type { Issue, ResourceConfig } from './config.ts';
import { toAttributeText } from './attribute-text.ts';

/** `service.name` when nothing names the program; the form is the specification's. */
export const UNKNOWN_SERVICE = 'unknown_service:node';

export type ServiceNameOrigin = 'configuration' | 'package.json' | 'platform' | 'default';

export interface ServiceName {
  readonly name: string;
  readonly origin: ServiceNameOrigin;
  /** One issue when nothing names the program. */
  readonly issues: readonly Issue[];
}

/** Settles `service.name`. */
export function resolveServiceName(
  config: ResourceConfig,
  packageName: string | undefined,
  platformName: string | undefined,
): ServiceName {
  const candidates: readonly (readonly [ServiceNameOrigin, string | undefined])[] = [
    ['configuration', nonBlank(config.serviceName) ?? nonBlank(config.attributes['service.name'])],
    ['package.json', toAttributeText(packageName)],
    ['platform', platformName],
  ];
  for (const [origin, name] of candidates) if (name !== undefined) return { name, origin, issues: [] };
  return { name: UNKNOWN_SERVICE, origin: 'default', issues: [UNNAMED] };
}

const UNNAMED: Issue = {
  severity: 'notice',
  code: 'DUOTEL_SERVICE_UNNAMED',
  message:
    `Telemetry is filed under ${UNKNOWN_SERVICE}: no service name is set and no package.json with a name was found. ` +
    'Everything else works. Set OTEL_SERVICE_NAME.',
};

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
