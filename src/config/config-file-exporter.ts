/**
 * Exporters of the configuration file → `OTEL_EXPORTER_OTLP_<SIGNAL>_*`.
 *
 * Layer: config; loaded only when a configuration file is set.
 */
import type { Section } from './config-file-section.ts';

/** Values by name of variable, filled while the file is read. */
export type Values = Record<string, string>;

/** Signals as the names of variables spell them. */
export type Signal = 'TRACES' | 'METRICS' | 'LOGS';

/** Name of an exporter as `OTEL_<SIGNAL>_EXPORTER` knows it. */
export type ExporterName = 'otlp' | 'console' | 'prometheus';

const ENCODINGS: Readonly<Record<string, string>> = { protobuf: 'http/protobuf', json: 'http/json' };

/** File format 0.4 had the certificates beside the endpoint, under longer names. */
const CERTIFICATES: readonly (readonly [suffix: string, key: string, formerKey: string])[] = [
  ['CERTIFICATE', 'ca_file', 'certificate_file'],
  ['CLIENT_KEY', 'key_file', 'client_key_file'],
  ['CLIENT_CERTIFICATE', 'cert_file', 'client_certificate_file'],
];

/** Reads the one exporter below `holder.exporter`; `undefined` when it is none of ours, which stays unused. */
export function readPushExporter(holder: Section, signal: Signal, values: Values): ExporterName | undefined {
  const exporter = holder.section('exporter');
  const otlp = exporter?.section('otlp_http');
  if (otlp !== undefined) {
    readOtlpHttp(otlp, signal, values);
    return 'otlp';
  }
  return exporter?.section('console') === undefined ? undefined : 'console';
}

function readOtlpHttp(otlp: Section, signal: Signal, values: Values): void {
  const prefix = `OTEL_EXPORTER_OTLP_${signal}_`;
  copyTexts(otlp, values, [
    ['endpoint', `${prefix}ENDPOINT`],
    ['compression', `${prefix}COMPRESSION`],
    ['timeout', `${prefix}TIMEOUT`],
  ]);
  const encoding = otlp.text('encoding');
  // A misspelt encoding goes on as it is: the reader of the variable names the choices.
  if (encoding !== undefined) values[`${prefix}PROTOCOL`] = ENCODINGS[encoding] ?? encoding;
  const headers = joinPairs(otlp.text('headers_list'), readPairs(otlp, 'headers'));
  if (headers !== '') values[`${prefix}HEADERS`] = headers;
  const tls = otlp.section('tls');
  for (const [suffix, key, formerKey] of CERTIFICATES) {
    const file = tls?.text(key) ?? otlp.text(formerKey);
    if (file !== undefined) values[`${prefix}${suffix}`] = file;
  }
}

/** Copies the scalars that are set; of two places for one variable the first wins. */
export function copyTexts(
  section: Section | undefined,
  values: Values,
  names: readonly (readonly [key: string, variable: string])[],
): void {
  for (const [key, variable] of names) {
    const text = section?.text(key);
    if (text !== undefined) values[variable] ??= text;
  }
}

/** A `name`, `value` list. Pairs without a value are not set; arrays as values stay unused. */
export function readPairs(section: Section, key: string): (readonly [name: string, value: string])[] {
  return section.items(key).flatMap((pair) => {
    const name = pair.text('name');
    const value = pair.text('value');
    // Values travel as text, so the declared type of a resource attribute changes nothing.
    pair.accept('type');
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}

/** One percent-encoded list from a written list and single pairs; pairs win by name. */
export function joinPairs(list: string | undefined, pairs: readonly (readonly [string, string])[]): string {
  const own = new Set(pairs.map(([name]) => name.toLowerCase()));
  const others = (list ?? '').split(',').filter((entry) => {
    const name = entry.split('=', 1)[0]?.trim().toLowerCase() ?? '';
    return entry.trim() !== '' && !own.has(name);
  });
  return [...others, ...pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)].join(
    ',',
  );
}
