/**
 * Settles how requests are observed, and whom they trust.
 *
 * Source: DESIGN D11, D12.
 * Layer: config.
 */
import type { RequestsConfig } from './config.ts';
import type { Reader } from './reader.ts';
import {
  DUOTEL_BAGGAGE_HOSTS,
  DUOTEL_HTTP,
  DUOTEL_HTTP_BODY_SIZES,
  DUOTEL_HTTP_IGNORE,
  DUOTEL_RESPONSE_HEADERS,
  DUOTEL_TRACE_HOSTS,
  DUOTEL_TRUST_INCOMING,
} from './variables/requests.ts';

/** The requests. */
export function resolveRequests(reader: Reader): RequestsConfig {
  const http = reader.value(DUOTEL_HTTP);
  const responseHeaders = reader.given(DUOTEL_RESPONSE_HEADERS) ?? [];
  if (http === 'upstream' && responseHeaders.length > 0) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_CONFLICT',
      message: `${DUOTEL_RESPONSE_HEADERS.name} needs our own HTTP instrumentation, but ${DUOTEL_HTTP.name} is upstream; no header is set. Remove one of the two.`,
    });
  }
  return {
    http,
    ignore: reader.value(DUOTEL_HTTP_IGNORE),
    bodySizes: reader.value(DUOTEL_HTTP_BODY_SIZES),
    responseHeaders: http === 'upstream' ? [] : responseHeaders,
    trustIncoming: reader.value(DUOTEL_TRUST_INCOMING) === 'on',
    traceHosts: reader.value(DUOTEL_TRACE_HOSTS),
    baggageHosts: reader.given(DUOTEL_BAGGAGE_HOSTS) ?? '',
  };
}
