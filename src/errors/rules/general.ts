/**
 * Rules for what Node.js, HTTP clients, validation libraries and parsers throw.
 *
 * Layer: errors. Source: Node.js "Errors", undici "Errors", the documentation of each library.
 */
import type { ClassifierRule } from '../classifier-rule.ts';

/** First tier. Timeouts come before cancellations: `AbortSignal.timeout()` makes an AbortError of a TimeoutError. */
export const GENERAL_TYPE_RULES: readonly ClassifierRule[] = [
  { name: 'timeout.type', types: ['TimeoutError', 'ConnectionTimeoutError', 'APIConnectionTimeoutError', 'RequestTimeoutError'], errorClass: 'timeout' }, // oxfmt-ignore
  { name: 'timeout.code', codes: ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'ERR_HTTP_REQUEST_TIMEOUT'], errorClass: 'timeout' }, // oxfmt-ignore
  { name: 'timeout.axios', codes: ['ECONNABORTED'], message: /timeout/i, errorClass: 'timeout' },
  { name: 'cancelled.type', types: ['AbortError', 'CanceledError', 'APIUserAbortError'], errorClass: 'cancelled' },
  { name: 'cancelled.code', codes: ['ABORT_ERR', 'ERR_CANCELED', 'UND_ERR_ABORTED', 'ECONNABORTED', 'request.aborted'], errorClass: 'cancelled' }, // oxfmt-ignore
  { name: 'validation.type', types: ['ZodError', '$ZodError', 'ValidationError', 'AjvValidationError', 'ValiError', 'StructError', 'ValidationException', 'TypeBoxError'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'validation.fastify', codes: ['FST_ERR_VALIDATION', 'FST_ERR_CTP_INVALID_*', 'FST_ERR_CTP_EMPTY_*'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'parsing.body', codes: ['entity.parse.failed', 'encoding.unsupported', 'charset.unsupported'], errorClass: 'parsing' }, // oxfmt-ignore
  { name: 'parsing.type', types: ['SyntaxError', 'YAMLParseError', 'CsvError', 'XMLParserError'], errorClass: 'parsing' }, // oxfmt-ignore
  { name: 'network.certificate', codes: ['CERT_*', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_*', 'ERR_TLS_*', 'ERR_SSL_*'], errorClass: 'network', retryable: false }, // oxfmt-ignore
  { name: 'network.code', codes: ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_*', 'EPIPE', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_NETWORK', 'HPE_*'], errorClass: 'network' }, // oxfmt-ignore
  { name: 'network.type', types: ['APIConnectionError', 'FetchError', 'SocketError', 'SocketClosedUnexpectedlyError', 'ClientClosedError'], errorClass: 'network' }, // oxfmt-ignore
  { name: 'node.resources', codes: ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'ERR_OUT_OF_MEMORY'], errorClass: 'server_error' }, // oxfmt-ignore
];

/** Second tier: the HTTP status, of an answer to the own client or of a call to somebody. */
export const STATUS_RULES: readonly ClassifierRule[] = [
  // Another's wrong credential is no incident of ours.
  { name: 'answer.not_found', origins: ['answer'], statuses: ['404'], errorClass: 'invalid_request' },
  { name: 'answer.authentication', origins: ['answer'], statuses: ['401', '403', '407'], errorClass: 'authentication', severity: 'low' }, // oxfmt-ignore
  { name: 'answer.rate_limit', origins: ['answer'], statuses: ['429'], errorClass: 'rate_limit', severity: 'low' },
  { name: 'answer.cancelled', origins: ['answer'], statuses: ['499'], errorClass: 'cancelled' },
  { name: 'answer.invalid_request', origins: ['answer'], statuses: ['4*'], errorClass: 'invalid_request' },
  { name: 'status.billing', statuses: ['402'], errorClass: 'billing' },
  { name: 'status.authentication', statuses: ['401', '403', '407'], errorClass: 'authentication' },
  { name: 'status.timeout', statuses: ['408', '504'], errorClass: 'timeout' },
  { name: 'status.rate_limit', statuses: ['429'], errorClass: 'rate_limit' },
  { name: 'status.cancelled', statuses: ['499'], errorClass: 'cancelled' },
  { name: 'status.invalid_request', statuses: ['4*'], errorClass: 'invalid_request' },
  { name: 'status.not_implemented', statuses: ['501', '505'], errorClass: 'server_error', retryable: false },
  { name: 'status.server_error', statuses: ['5*'], errorClass: 'server_error' },
];

/** Third tier: the words of the message, where nothing else tells. */
export const MESSAGE_RULES: readonly ClassifierRule[] = [
  { name: 'message.billing', message: /insufficient[_ ](?:quota|credit|funds|balance)|credit balance is too low|billing|payment required|exceeded your current quota/i, errorClass: 'billing' }, // oxfmt-ignore
  { name: 'message.rate_limit', message: /rate[_ -]?limit|too many requests|quota exceeded|resource[_ ]exhausted|overloaded/i, errorClass: 'rate_limit' }, // oxfmt-ignore
  { name: 'message.authentication', message: /unauthori[sz]ed|authentication failed|(?:invalid|incorrect|expired|missing) (?:api[_ ]key|token|credentials?)|permission denied|access denied/i, errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'message.timeout', message: /timed?[ -]?out|deadline exceeded/i, errorClass: 'timeout' },
  { name: 'message.cancelled', message: /\b(?:aborted|cancell?ed)\b/i, errorClass: 'cancelled' },
  { name: 'message.network', message: /socket hang up|connection (?:is )?(?:refused|reset|closed|terminated|lost)|network error|fetch failed/i, errorClass: 'network' }, // oxfmt-ignore
  { name: 'message.parsing', message: /unexpected (?:token|end of)|(?:invalid|malformed) (?:json|xml|yaml|csv)|failed to parse|parse error/i, errorClass: 'parsing' }, // oxfmt-ignore
  { name: 'message.server_error', message: /internal server error|service unavailable|bad gateway/i, errorClass: 'server_error' }, // oxfmt-ignore
];
