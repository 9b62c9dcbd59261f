/**
 * Variables of links to traces.
 *
 * Layer: config.
 */
import { oneOf, text, url } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const DUOTEL_GRAFANA_URL: Variable<string> = {
  name: 'DUOTEL_GRAFANA_URL',
  section: 'Trace links',
  kind: url,
  description:
    'Address of Grafana, for links that open a trace in Explore. An organisation other than 1 is given as ?orgId=2.',
  source: 'duotel',
};

export const DUOTEL_GRAFANA_TRACES_UID: Variable<string> = {
  name: 'DUOTEL_GRAFANA_TRACES_UID',
  section: 'Trace links',
  kind: text,
  description: 'Identifier of the Tempo data source in Grafana. Unset: grafanacloud-traces at grafana.net, else tempo.',
  source: 'duotel',
};

export const DUOTEL_TRACE_URL: Variable<string> = {
  name: 'DUOTEL_TRACE_URL',
  section: 'Trace links',
  kind: {
    expects: 'an http:// or https:// address with {traceId} in it',
    parse: (value) => (value.includes('{traceId}') ? url.parse(value) : undefined),
  },
  description:
    'Address of a trace in any back end, instead of Grafana: {traceId}, {spanId}, {from} and {to} (milliseconds an hour before and after) are filled in.',
  source: 'duotel',
};

export const DUOTEL_LOG_TRACE_LINKS: DefaultedVariable<'on' | 'off'> = {
  name: 'DUOTEL_LOG_TRACE_LINKS',
  section: 'Trace links',
  kind: oneOf('on', 'off'),
  default: 'off',
  description: 'Whether log records of severity ERROR and above carry the link, as the attribute duotel.trace.url.',
  source: 'duotel',
};

export const TRACE_LINK_VARIABLES: readonly Variable[] = [
  DUOTEL_GRAFANA_URL,
  DUOTEL_GRAFANA_TRACES_UID,
  DUOTEL_TRACE_URL,
  DUOTEL_LOG_TRACE_LINKS,
];
