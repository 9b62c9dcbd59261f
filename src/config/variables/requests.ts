/**
 * Variables of requests: what is observed, what responses say, and what crosses the border of the process.
 *
 * Layer: config.
 */
import type { ResponseHeader } from '../config.ts';
import { type Kind, oneOf, someOf, text, toggle } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

/** Paths separated by commas; `none` for the empty list. */
const paths: Kind<readonly string[]> = {
  expects: 'paths such as /health separated by commas, or none',
  parse(value) {
    if (value.toLowerCase() === 'none') return [];
    const list = value.split(',').map((each) => each.trim());
    return list.every((each) => /^\/[^\s?#]*$/.test(each)) ? list : undefined;
  },
};

/** As in `NO_PROXY`. */
const hosts: Kind<string> = { ...text, expects: 'hosts and domains separated by commas, or *' };

export const DUOTEL_HTTP: DefaultedVariable<'lean' | 'upstream'> = {
  name: 'DUOTEL_HTTP',
  section: 'Requests',
  kind: oneOf('lean', 'upstream'),
  default: 'lean',
  description:
    'Who observes HTTP and fetch: this package, or the official instrumentation-http and -undici installed in the ' +
    'application; with those there is no request context.',
  source: 'duotel',
};

export const DUOTEL_HTTP_IGNORE: DefaultedVariable<readonly string[]> = {
  name: 'DUOTEL_HTTP_IGNORE',
  section: 'Requests',
  kind: paths,
  default: '/health,/healthz,/livez,/readyz,/metrics',
  description:
    'Paths that make no span and no metric when asked for with GET or HEAD, and nothing done for them does; a * at ' +
    'the end of a path stands for anything. none: every request is observed.',
  source: 'duotel',
};

export const DUOTEL_HTTP_BODY_SIZES: DefaultedVariable<boolean> = {
  name: 'DUOTEL_HTTP_BODY_SIZES',
  section: 'Requests',
  kind: toggle,
  default: 'false',
  description: 'true adds the metrics http.server.request.body.size and http.server.response.body.size.',
  source: 'duotel',
};

export const DUOTEL_RESPONSE_HEADERS: Variable<readonly ResponseHeader[]> = {
  name: 'DUOTEL_RESPONSE_HEADERS',
  section: 'Requests',
  kind: someOf<ResponseHeader>('x-request-id', 'server-timing', 'x-trace-id'),
  description: 'What every response says about its request. Unset: nothing.',
  source: 'duotel',
};

export const DUOTEL_TRUST_INCOMING: DefaultedVariable<'on' | 'off'> = {
  name: 'DUOTEL_TRUST_INCOMING',
  section: 'Requests',
  kind: oneOf('on', 'off'),
  default: 'on',
  description:
    'off, for servers that strangers reach: every request begins a trace of its own with a link to the one it came ' +
    'with, and sampling flag, baggage and X-Request-ID that came with it are ignored.',
  source: 'duotel',
};

export const DUOTEL_TRACE_HOSTS: DefaultedVariable<string> = {
  name: 'DUOTEL_TRACE_HOSTS',
  section: 'Requests',
  kind: hosts,
  default: '*',
  description:
    'Hosts that are sent the trace context with http, https and fetch; a domain holds for what is below it, and :port for one port.',
  source: 'duotel',
};

export const DUOTEL_BAGGAGE_HOSTS: Variable<string> = {
  name: 'DUOTEL_BAGGAGE_HOSTS',
  section: 'Requests',
  kind: hosts,
  description: 'Which of these are sent baggage too. Unset: none, for baggage may hold anything.',
  source: 'duotel',
};

export const REQUEST_VARIABLES: readonly Variable[] = [
  DUOTEL_HTTP,
  DUOTEL_HTTP_IGNORE,
  DUOTEL_HTTP_BODY_SIZES,
  DUOTEL_RESPONSE_HEADERS,
  DUOTEL_TRUST_INCOMING,
  DUOTEL_TRACE_HOSTS,
  DUOTEL_BAGGAGE_HOSTS,
];
