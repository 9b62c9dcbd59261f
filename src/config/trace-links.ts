/**
 * Settles how the address of a trace is made: a template for any back end, or one for Grafana's Explore.
 *
 * Layer: config. Source: Grafana, “Generate Explore URLs from external tools”, schema version 1.
 */
import type { TraceLinksConfig } from './config.ts';
import type { Reader } from './reader.ts';
import type { Variable } from './variable.ts';
import {
  DUOTEL_GRAFANA_TRACES_UID,
  DUOTEL_GRAFANA_URL,
  DUOTEL_LOG_TRACE_LINKS,
  DUOTEL_TRACE_URL,
} from './variables/trace-links.ts';

/** What Grafana Cloud calls the data source it makes for each stack. */
const CLOUD_UID = 'grafanacloud-traces';
const LOCAL_UID = 'tempo';

export function resolveTraceLinks(reader: Reader): TraceLinksConfig {
  const urlTemplate = reader.given(DUOTEL_TRACE_URL) ?? resolveGrafana(reader);
  const inLogs = reader.value(DUOTEL_LOG_TRACE_LINKS) === 'on';
  if (urlTemplate === undefined) {
    if (inLogs) reportIdle(reader, DUOTEL_LOG_TRACE_LINKS);
    if (reader.given(DUOTEL_GRAFANA_TRACES_UID) !== undefined) reportIdle(reader, DUOTEL_GRAFANA_TRACES_UID);
  }
  return { urlTemplate, inLogs: inLogs && urlTemplate !== undefined };
}

function resolveGrafana(reader: Reader): string | undefined {
  const address = reader.given(DUOTEL_GRAFANA_URL);
  if (address === undefined) return undefined;
  const grafana = new URL(address);
  let uid = reader.given(DUOTEL_GRAFANA_TRACES_UID);
  if (uid === undefined) {
    uid = grafana.hostname.endsWith('.grafana.net') ? CLOUD_UID : LOCAL_UID;
    reader.settle(DUOTEL_GRAFANA_TRACES_UID, uid, 'default');
  }
  return exploreTemplate(grafana, uid);
}

/** Stands for a placeholder while the JSON is encoded, which would encode its braces too. */
const PLACEHOLDER = /__(traceId|from|to)__/g;

/** Credentials in the address are left out: links end up in logs and chats. */
function exploreTemplate({ origin, pathname, searchParams }: URL, uid: string): string {
  const query = { refId: 'A', datasource: { type: 'tempo', uid }, queryType: 'traceql', query: '__traceId__' };
  const panes = { trace: { datasource: uid, queries: [query], range: { from: '__from__', to: '__to__' } } };
  const encoded = encodeURIComponent(JSON.stringify(panes)).replaceAll(PLACEHOLDER, '{$1}');
  const organisation = encodeURIComponent(searchParams.get('orgId') ?? '1');
  return `${origin}${pathname.replace(/\/+$/, '')}/explore?panes=${encoded}&schemaVersion=1&orgId=${organisation}`;
}

function reportIdle(reader: Reader, { name }: Variable): void {
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_CONFLICT',
    message: `${name} has no effect without ${DUOTEL_GRAFANA_URL.name} or ${DUOTEL_TRACE_URL.name}. Set one of them.`,
  });
}
