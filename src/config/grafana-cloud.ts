/**
 * Grafana Cloud in three variables: instance id, token and zone make the OTLP endpoint and its credential.
 *
 * Source: Grafana Cloud, "Send data to the Grafana Cloud OTLP endpoint".
 * Layer: config.
 */
import { readBasic, writeBasic } from './authorization.ts';
import { type Reader, repaired } from './reader.ts';
import type { Variable } from './variable.ts';
import {
  GRAFANA_CLOUD_API_KEY,
  GRAFANA_CLOUD_INSTANCE_ID,
  GRAFANA_CLOUD_METRICS_USERNAME,
  GRAFANA_CLOUD_OTLP_ENDPOINT,
  GRAFANA_CLOUD_OTLP_TOKEN,
  GRAFANA_CLOUD_ZONE,
} from './variables/grafana.ts';
import { OTLP } from './variables/otlp.ts';

/** What the variables of Grafana Cloud add; all of it yields to the `OTEL_*` variables. */
export interface GrafanaPreset {
  /** Base address; `undefined` when the variables name none. */
  readonly endpoint: string | undefined;
  /** Value of `Authorization`, for the gateway and for `endpoint` only. */
  readonly authorization: string | undefined;
}

/** Each of them says where to send to. */
const PLACES: readonly Variable[] = [GRAFANA_CLOUD_ZONE, GRAFANA_CLOUD_OTLP_ENDPOINT, OTLP.general.endpoint];
const NO_PRESET: GrafanaPreset = { endpoint: undefined, authorization: undefined };
const WHERE = 'grafana.com → the stack → OpenTelemetry → Configure shows all three';

/** Reads the preset and reports what is missing or mixed up. */
export function resolveGrafanaCloud(reader: Reader): GrafanaPreset {
  if (!isWished(reader)) return NO_PRESET;
  const endpoint = reader.given(GRAFANA_CLOUD_OTLP_ENDPOINT) ?? zoneEndpoint(reader);
  const user = reader.given(GRAFANA_CLOUD_INSTANCE_ID);
  const password = readToken(reader);
  const hasPlace = PLACES.some((variable) => reader.text(variable) !== undefined);
  if (user === undefined || password === undefined || !hasPlace) {
    reportMissing(reader, [
      ...(user === undefined ? [GRAFANA_CLOUD_INSTANCE_ID] : []),
      ...(password === undefined ? [GRAFANA_CLOUD_OTLP_TOKEN] : []),
      ...(hasPlace ? [] : [GRAFANA_CLOUD_ZONE]),
    ]);
    return NO_PRESET;
  }
  reportMixUp(reader, user);
  return { endpoint, authorization: writeBasic({ user, password }) };
}

/** The API key alone is no wish for OTLP: it is also the one of remote write. */
function isWished(reader: Reader): boolean {
  return [GRAFANA_CLOUD_INSTANCE_ID, GRAFANA_CLOUD_OTLP_TOKEN, GRAFANA_CLOUD_ZONE, GRAFANA_CLOUD_OTLP_ENDPOINT].some(
    (variable) => reader.text(variable) !== undefined,
  );
}

function zoneEndpoint(reader: Reader): string | undefined {
  const given = reader.given(GRAFANA_CLOUD_ZONE);
  if (given === undefined) return undefined;
  const zone = given
    .toLowerCase()
    .replace(/^(https?:\/\/)?(otlp-gateway-)?/, '')
    .replace(/\.grafana\.net.*$/, '');
  if (!/^[a-z\d]+(-[a-z\d]+)*$/.test(zone)) {
    reader.reject(GRAFANA_CLOUD_ZONE, 'is not a zone such as prod-eu-west-2');
    return undefined;
  }
  if (zone !== given) {
    reader.settle(GRAFANA_CLOUD_ZONE, zone);
    reader.report(repaired(GRAFANA_CLOUD_ZONE, ['took the zone out of the address'], zone));
  }
  return `https://otlp-gateway-${zone}.grafana.net/otlp`;
}

/** The token alone, even if it was wrapped or the whole credential was pasted. */
function readToken(reader: Reader): string | undefined {
  const own = reader.text(GRAFANA_CLOUD_OTLP_TOKEN) !== undefined;
  const variable = own ? GRAFANA_CLOUD_OTLP_TOKEN : GRAFANA_CLOUD_API_KEY;
  const given = reader.given(variable);
  if (given === undefined) return undefined;
  const bare = given.replace(/^basic\s+/i, '').replaceAll(/\s+/g, '');
  const token = /^\d+:(.+)$/.exec(bare)?.[1] ?? readBasic(`Basic ${bare}`)?.password ?? bare;
  if (token !== given) reader.report(repaired(variable, ['took the token out of what surrounds it']));
  return token;
}

function reportMissing(reader: Reader, missing: readonly Variable[]): void {
  const mixUp =
    missing.includes(GRAFANA_CLOUD_INSTANCE_ID) && reader.text(GRAFANA_CLOUD_METRICS_USERNAME) !== undefined
      ? ` ${GRAFANA_CLOUD_METRICS_USERNAME.name} is the user of the metrics endpoint and never stands in for it.`
      : '';
  const names = missing.map(({ name }) => name);
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_CREDENTIAL',
    message: `Grafana Cloud is not set up, ${names.join(' and ')} missing.${mixUp} Set ${names.length === 1 ? 'it' : 'them'}; ${WHERE}.`,
  });
}

function reportMixUp(reader: Reader, instanceId: string): void {
  if (reader.text(GRAFANA_CLOUD_METRICS_USERNAME)?.text !== instanceId) return;
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_CREDENTIAL',
    message: `${GRAFANA_CLOUD_INSTANCE_ID.name} equals ${GRAFANA_CLOUD_METRICS_USERNAME.name}, the user of the metrics endpoint; OTLP takes the instance id of the stack. ${WHERE}.`,
  });
}
