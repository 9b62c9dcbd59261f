/**
 * Reads the endpoint variables of OTLP and reports what was repaired or looks wrong.
 *
 * Layer: config.
 */
import { type EndpointReading, parseEndpoint } from './endpoint.ts';
import type { GrafanaPreset } from './grafana-cloud.ts';
import { printable } from './printable.ts';
import { type Reader, repaired } from './reader.ts';
import type { Variable } from './variable.ts';
import { GRAFANA_CLOUD_OTLP_ENDPOINT, GRAFANA_CLOUD_ZONE } from './variables/grafana.ts';
import { OTLP, type SignalName } from './variables/otlp.ts';

/** A usable endpoint and where it came from. */
export interface Endpoint {
  readonly url: URL;
  /** Credentials that stood in the address, as value of `Authorization`. */
  readonly authorization: string | undefined;
  readonly variable: Variable;
}

/** The endpoint of a variable; `undefined` when unset or unusable. */
export function readEndpoint(reader: Reader, variable: Variable<string>, signal?: SignalName): Endpoint | undefined {
  const text = reader.given(variable);
  if (text === undefined) return undefined;
  const reading = parseEndpoint(text, signal);
  if (reading.url === undefined) {
    reader.reject(variable);
    return undefined;
  }
  return reported(reader, variable, { ...reading, url: reading.url });
}

/** The endpoint of the Grafana Cloud preset, with what the preset means for the variables of all signals. */
export function readPresetEndpoint(reader: Reader, preset: GrafanaPreset): Endpoint | undefined {
  if (preset.endpoint === undefined) return undefined;
  const reading = parseEndpoint(preset.endpoint);
  const own = reader.text(GRAFANA_CLOUD_OTLP_ENDPOINT) !== undefined;
  if (reading.url === undefined) {
    reader.reject(GRAFANA_CLOUD_OTLP_ENDPOINT);
    return undefined;
  }
  reader.settle(OTLP.general.endpoint, reading.url.href, 'preset');
  if (reader.text(OTLP.general.headers) === undefined) reader.settle(OTLP.general.headers, 'authorization', 'preset');
  if (reader.given(OTLP.general.compression) === undefined) reader.settle(OTLP.general.compression, 'gzip', 'preset');
  return reported(reader, own ? GRAFANA_CLOUD_OTLP_ENDPOINT : GRAFANA_CLOUD_ZONE, { ...reading, url: reading.url });
}

function reported(reader: Reader, variable: Variable, reading: EndpointReading & { readonly url: URL }): Endpoint {
  const { url, repairs, mistakes, authorization } = reading;
  if (repairs.length > 0) {
    reader.settle(variable, url.href);
    reader.report(repaired(variable, repairs, url.href));
  }
  for (const mistake of mistakes) reportEndpoint(reader, { address: url.href, variable }, mistake);
  return { url, authorization, variable };
}

/** Reports that an endpoint does not look right. */
export function reportEndpoint(
  reader: Reader,
  { address, variable }: { readonly address: string; readonly variable: Variable },
  mistake: string,
): void {
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_ENDPOINT',
    message: `${variable.name}="${printable(address)}" does not look right and is used as it is. ${mistake}`,
  });
}
