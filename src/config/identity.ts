/**
 * Settles what the user said about the process that emits: service, version, environment, release, attributes.
 *
 * Source: OpenTelemetry "Resource SDK"; order of the environment: DESIGN D8.
 * Layer: config.
 */
import type { ResourceConfig } from './config.ts';
import type { StartOptions } from './options.ts';
import { decodePercent } from './percent.ts';
import { printable } from './printable.ts';
import type { Reader } from './reader.ts';
import {
  ENV,
  ENVIRONMENT,
  NODE_ENV,
  OTEL_RESOURCE_ATTRIBUTES,
  OTEL_SERVICE_NAME,
  RELEASE,
} from './variables/general.ts';
import { SENTRY_ENVIRONMENT, SENTRY_RELEASE } from './variables/sentry.ts';

const SERVICE_NAME = 'service.name';
const SERVICE_VERSION = 'service.version';
const DEPLOYMENT_ENVIRONMENT = 'deployment.environment.name';
/** Name of the attribute before semantic conventions 1.27. */
const FORMER_DEPLOYMENT_ENVIRONMENT = 'deployment.environment';

/** What code and variables say about the resource. */
export function resolveIdentity(reader: Reader, options: StartOptions): ResourceConfig {
  const given = readAttributes(reader);
  const coded = textsOf(options.resourceAttributes);
  const merged: Record<string, string> = { ...given, ...coded };
  const {
    [SERVICE_NAME]: _name,
    [SERVICE_VERSION]: version,
    [DEPLOYMENT_ENVIRONMENT]: _environment,
    ...attributes
  } = merged;
  return {
    serviceName:
      textOf(options.serviceName) ?? coded[SERVICE_NAME] ?? reader.given(OTEL_SERVICE_NAME) ?? given[SERVICE_NAME],
    serviceVersion: textOf(options.serviceVersion) ?? version,
    environment:
      textOf(options.environment) ?? coded[DEPLOYMENT_ENVIRONMENT] ?? environmentOf(reader, given) ?? 'production',
    release: reader.given(SENTRY_RELEASE) ?? reader.given(RELEASE),
    attributes,
  };
}

function environmentOf(reader: Reader, given: Readonly<Record<string, string>>): string | undefined {
  return (
    reader.given(SENTRY_ENVIRONMENT) ??
    given[DEPLOYMENT_ENVIRONMENT] ??
    given[FORMER_DEPLOYMENT_ENVIRONMENT] ??
    reader.given(ENVIRONMENT) ??
    shellSafe(reader.given(ENV)) ??
    reader.given(NODE_ENV)
  );
}

/** POSIX shells keep the path of their start-up file in `ENV`. */
function shellSafe(value: string | undefined): string | undefined {
  return value !== undefined && /[/\\$]/.test(value) ? undefined : value;
}

/** Pairs of `OTEL_RESOURCE_ATTRIBUTES`; one bad pair does not void the others. */
function readAttributes(reader: Reader): Readonly<Record<string, string>> {
  const text = reader.given(OTEL_RESOURCE_ATTRIBUTES);
  if (text === undefined) return {};
  const { attributes, rejected } = parseAttributes(text);
  if (rejected.length > 0) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_INVALID',
      message: `${OTEL_RESOURCE_ATTRIBUTES.name} has ${rejected.join('; ')}; the other pairs are in force. Set key=value pairs separated by commas, with , = and % percent-encoded.`,
    });
  }
  return attributes;
}

/** Reads `key=value,key=value`; what cannot be read is described without its value. */
export function parseAttributes(text: string): {
  readonly attributes: Readonly<Record<string, string>>;
  readonly rejected: readonly string[];
} {
  const attributes: Record<string, string> = {};
  const rejected: string[] = [];
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    const key = decodePercent(pair.slice(0, Math.max(equals, 0)).trim());
    const value = decodePercent(pair.slice(equals + 1).trim());
    if (key.text === '') rejected.push(`no key=value in pair ${index + 1}`);
    else if (key.broken || value.broken) rejected.push(`a % that starts no escape in ${printable(key.text)}`);
    else attributes[key.text] = value.text;
  }
  return { attributes, rejected };
}

/** A text of the options that says something; code written in JavaScript may hold anything here. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function textsOf(values: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}
