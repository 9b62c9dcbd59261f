/**
 * What every event says about the process; the same on every other output.
 *
 * Layer: sentry.
 */
import type { Attributes } from '@opentelemetry/api';
import type { SentryConfig } from '../config/config.ts';

export interface SentryIdentity {
  readonly release: string | undefined;
  readonly environment: string;
  readonly serverName: string | undefined;
}

/** @param resource - attributes of the resource */
export function identityOf(
  { release, environment }: Pick<SentryConfig, 'release' | 'environment'>,
  resource: Attributes,
): SentryIdentity {
  return {
    release: release ?? textOf(resource['service.version']),
    environment,
    serverName: textOf(resource['host.name']),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
