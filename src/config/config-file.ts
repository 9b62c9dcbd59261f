/**
 * `OTEL_CONFIG_FILE`: reads a declarative configuration file into the variables of our table.
 *
 * One set of meanings for both ways of configuring: the file only says the same things in another place, and what it
 * says beyond that is reported by its path. A file that cannot be used leaves the environment in force: programs that
 * ran with it yesterday keep sending, and one line says why the file is not heeded.
 * Source: opentelemetry-configuration 0.4 and 1.x.
 * Layer: config; loaded only when a configuration file is set.
 */
import type { ReadFile } from './application-package.ts';
import type { Issue } from './config.ts';
import { copyTexts, joinPairs, readPairs, type Values } from './config-file-exporter.ts';
import { createSection, type Section, type Unused } from './config-file-section.ts';
import { readLoggerProvider, readMeterProvider, readTracerProvider } from './config-file-signals.ts';
import { parseConfigTree } from './config-file-tree.ts';
import { printable } from './printable.ts';

export interface ConfigFileResult {
  /** By name of variable; `undefined` when the file cannot be used and the environment stays in force. */
  readonly values: Readonly<Record<string, string>> | undefined;
  readonly issues: readonly Issue[];
}

/** Most paths reported one by one; the others are counted. */
const MAX_UNUSED_SHOWN = 10;

/**
 * Reads the file. Never throws.
 *
 * @param path - `OTEL_CONFIG_FILE`
 * @param env - fills the `${…}` of the file
 */
export function readConfigFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
): ConfigFileResult {
  const yaml = readFile(path);
  if (yaml === undefined) return unusable(path, 'cannot be read');
  const result = parseConfigTree(yaml, env);
  if (result.status === 'unusable') return unusable(path, result.reason);
  const root = createSection(result.root);
  const format = root.text('file_format');
  if (!/^(?:0\.4|1)(?:[.-]|$)/.test(format ?? '')) return unusable(path, 'has no file_format of 0.4 or 1.x');
  const values = readValues(root);
  return { values, issues: reportUnused(path, root.unused()) };
}

function readValues(root: Section): Values {
  const values: Values = {};
  copyTexts(root, values, [['disabled', 'OTEL_SDK_DISABLED']]);
  copyTexts(root.section('attribute_limits'), values, [
    ['attribute_value_length_limit', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    ['attribute_count_limit', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
  ]);
  readLogLevel(root, values);
  readResource(root.section('resource'), values);
  values['OTEL_PROPAGATORS'] = readPropagators(root.section('propagator'));
  readTracerProvider(root, values);
  readMeterProvider(root, values);
  readLoggerProvider(root, values);
  // Distributions leave each other's settings alone; ours would be under `duotel`, which stays unused.
  const distribution = root.section('distribution');
  for (const key of distribution?.keys ?? []) if (key !== 'duotel') distribution?.accept(key);
  return values;
}

const LOG_LEVELS: Readonly<Record<string, string>> = { trace: 'verbose', fatal: 'error' };

/** `info2` and the like are steps within a level. */
function readLogLevel(root: Section, values: Values): void {
  const level = root.text('log_level')?.replace(/[2-4]$/, '');
  if (level !== undefined) values['OTEL_LOG_LEVEL'] = LOG_LEVELS[level] ?? level;
}

function readResource(resource: Section | undefined, values: Values): void {
  if (resource === undefined) return;
  const attributes = joinPairs(resource.text('attributes_list'), readPairs(resource, 'attributes'));
  if (attributes !== '') values['OTEL_RESOURCE_ATTRIBUTES'] = attributes;
  // Ours always run: service, process, host, container and platform.
  resource.section('detection/development')?.accept('detectors');
}

/** Without any the schema asks for none. */
function readPropagators(propagator: Section | undefined): string {
  const items = propagator?.items('composite') ?? [];
  const listed = (propagator?.text('composite_list') ?? '').split(',').map((name) => name.trim());
  const names = items.flatMap((item) => item.keys);
  for (const item of items) for (const key of item.keys) item.accept(key);
  return [...new Set([...names, ...listed])].filter((name) => name !== '').join(',') || 'none';
}

/** What to do instead, by the last key of a path. */
const ADVICE: Readonly<Record<string, string>> = {
  otlp_grpc: 'OTLP over gRPC is not available; use otlp_http.',
  views: 'Pass views to start().',
  duotel: 'Set the DUOTEL_* variables in the environment.',
};

function reportUnused(path: string, unused: readonly Unused[]): Issue[] {
  const shown = unused.slice(0, MAX_UNUSED_SHOWN).map((part) => {
    const reason = part.reason ?? ADVICE[part.path.split('.').at(-1) ?? ''] ?? 'Remove it, or check its spelling.';
    return `${part.path} has no effect. ${reason}`;
  });
  const rest = unused.length - shown.length;
  if (rest > 0) shown.push(`${rest} more keys have no effect.`);
  return shown.map((text) => invalid(path, `: ${text} The rest of the file is in force.`));
}

function unusable(path: string, reason: string): ConfigFileResult {
  const message = ` ${reason}; the environment variables are in force instead. Correct the file, or remove the variable.`;
  return { values: undefined, issues: [invalid(path, message)] };
}

function invalid(path: string, message: string): Issue {
  return {
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `OTEL_CONFIG_FILE="${printable(path)}"${message}`,
  };
}
