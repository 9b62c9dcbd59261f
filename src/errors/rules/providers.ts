/**
 * Rules for AI providers and databases, whose codes mean something only they mean.
 *
 * Layer: errors. Source: error references of OpenAI, Anthropic and Google; PostgreSQL appendix A; the driver of each
 * database.
 */
import type { ClassifierRule } from '../classifier-rule.ts';

/** Before the general ones. */
export const PROVIDER_RULES: readonly ClassifierRule[] = [
  { name: 'ai.billing', origins: ['ai'], codes: ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'billing_error'], errorClass: 'billing' }, // oxfmt-ignore
  { name: 'ai.credit', origins: ['ai'], message: /credit balance is too low|exceeded your current quota/i, errorClass: 'billing' }, // oxfmt-ignore
  { name: 'ai.rate_limit', origins: ['ai'], types: ['RateLimitError', 'ThrottlingException'], errorClass: 'rate_limit' }, // oxfmt-ignore
  { name: 'ai.rate_limit_code', origins: ['ai'], codes: ['rate_limit_exceeded', 'rate_limit_error', 'overloaded_error', 'RESOURCE_EXHAUSTED', 'tokens', 'requests'], errorClass: 'rate_limit' }, // oxfmt-ignore
  { name: 'ai.overloaded', origins: ['ai'], statuses: ['529'], errorClass: 'rate_limit' },
  { name: 'ai.authentication', origins: ['ai'], types: ['AuthenticationError', 'PermissionDeniedError', 'AI_LoadAPIKeyError'], errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'ai.authentication_code', origins: ['ai'], codes: ['invalid_api_key', 'authentication_error', 'permission_error', 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'API_KEY_INVALID'], errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'ai.google_key', origins: ['ai'], message: /api key not valid/i, errorClass: 'authentication' },
  { name: 'ai.invalid_request', origins: ['ai'], types: ['BadRequestError', 'NotFoundError', 'UnprocessableEntityError', 'ConflictError', 'LengthFinishReasonError', 'ContentFilterFinishReasonError'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'ai.invalid_request_code', origins: ['ai'], codes: ['invalid_request_error', 'not_found_error', 'request_too_large', 'model_not_found', 'context_length_exceeded', 'content_policy_violation', 'INVALID_ARGUMENT'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'ai.parsing', origins: ['ai'], types: ['AI_JSONParseError', 'AI_NoObjectGeneratedError', 'AI_TypeValidationError'], errorClass: 'parsing' }, // oxfmt-ignore
  { name: 'ai.server_error', origins: ['ai'], types: ['InternalServerError'], errorClass: 'server_error' },
  { name: 'ai.server_error_code', origins: ['ai'], codes: ['api_error', 'server_error', 'INTERNAL', 'UNAVAILABLE'], errorClass: 'server_error' }, // oxfmt-ignore
  { name: 'postgresql.authentication', origins: ['postgresql'], codes: ['28*', '42501'], errorClass: 'authentication' },
  { name: 'postgresql.timeout', origins: ['postgresql'], codes: ['57014', '55P03', '25P03', '57P05'], errorClass: 'timeout' }, // oxfmt-ignore
  { name: 'postgresql.network', origins: ['postgresql'], codes: ['08*', '57P0*'], errorClass: 'network' },
  { name: 'postgresql.conflict', origins: ['postgresql'], codes: ['40*'], errorClass: 'server_error', severity: 'medium' }, // oxfmt-ignore
  { name: 'postgresql.connections', origins: ['postgresql'], codes: ['53300'], errorClass: 'rate_limit' },
  { name: 'postgresql.data', origins: ['postgresql'], codes: ['22*', '23*'], errorClass: 'invalid_request' },
  { name: 'postgresql.statement', origins: ['postgresql'], codes: ['42*', '0A*', '26*'], errorClass: 'invalid_request', severity: 'high' }, // oxfmt-ignore
  { name: 'postgresql.server', origins: ['postgresql'], codes: ['53*', '54*', '58*', 'XX*', 'F0*'], errorClass: 'server_error' }, // oxfmt-ignore
  { name: 'mysql.authentication', origins: ['mysql'], codes: ['ER_ACCESS_DENIED*', 'ER_DBACCESS_DENIED*', 'ER_*_ACCESS_DENIED_ERROR'], errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'mysql.timeout', origins: ['mysql'], codes: ['ER_LOCK_WAIT_TIMEOUT', 'ER_QUERY_TIMEOUT', 'PROTOCOL_SEQUENCE_TIMEOUT'], errorClass: 'timeout' }, // oxfmt-ignore
  { name: 'mysql.network', origins: ['mysql'], codes: ['PROTOCOL_*', 'ER_SERVER_SHUTDOWN'], errorClass: 'network' },
  { name: 'mysql.conflict', origins: ['mysql'], codes: ['ER_LOCK_DEADLOCK'], errorClass: 'server_error', severity: 'medium' }, // oxfmt-ignore
  { name: 'mysql.connections', origins: ['mysql'], codes: ['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_*', 'ER_USER_LIMIT_REACHED'], errorClass: 'rate_limit' }, // oxfmt-ignore
  { name: 'mysql.data', origins: ['mysql'], codes: ['ER_DUP_*', 'ER_DATA_*', 'ER_TRUNCATED_*', 'ER_NO_REFERENCED_*', 'ER_ROW_IS_REFERENCED*', 'ER_BAD_NULL_ERROR', 'ER_WARN_DATA_*'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'mysql.statement', origins: ['mysql'], codes: ['ER_PARSE_ERROR', 'ER_BAD_*', 'ER_NO_SUCH_*', 'ER_SYNTAX_ERROR', 'ER_WRONG_*'], errorClass: 'invalid_request', severity: 'high' }, // oxfmt-ignore
  { name: 'mysql.server', origins: ['mysql'], codes: ['ER_*'], errorClass: 'server_error' },
  { name: 'mongodb.timeout', origins: ['mongodb'], types: ['MongoNetworkTimeoutError', 'MongoOperationTimeoutError', 'MongoWaitQueueTimeoutError'], errorClass: 'timeout' }, // oxfmt-ignore
  { name: 'mongodb.network', origins: ['mongodb'], types: ['MongoNetworkError', 'MongoServerSelectionError', 'MongoTopologyClosedError', 'MongoPoolClearedError'], errorClass: 'network' }, // oxfmt-ignore
  { name: 'mongodb.authentication', origins: ['mongodb'], codes: ['13', '18', '8000'], errorClass: 'authentication' },
  { name: 'mongodb.data', origins: ['mongodb'], codes: ['11000', '11001', '121', '2', '9', '14'], errorClass: 'invalid_request' }, // oxfmt-ignore
  { name: 'mongodb.use', origins: ['mongodb'], types: ['MongoInvalidArgumentError', 'MongoParseError', 'MongoAPIError'], errorClass: 'invalid_request', severity: 'high' }, // oxfmt-ignore
  { name: 'mongodb.server', origins: ['mongodb'], types: ['MongoServerError'], errorClass: 'server_error' },
  { name: 'redis.authentication', origins: ['redis'], message: /^(?:NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/, errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'redis.server', origins: ['redis'], message: /^(?:OOM|LOADING|BUSY|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|MISCONF)/, errorClass: 'server_error' }, // oxfmt-ignore
  { name: 'redis.network', origins: ['redis'], types: ['MaxRetriesPerRequestError', 'ClusterAllFailedError'], errorClass: 'network' }, // oxfmt-ignore
  { name: 'redis.command', origins: ['redis'], types: ['ReplyError', 'ErrorReply', 'SimpleError'], errorClass: 'invalid_request', severity: 'high' }, // oxfmt-ignore
  { name: 'kafka.authentication', origins: ['kafka'], types: ['KafkaJSSASLAuthenticationError'], errorClass: 'authentication' }, // oxfmt-ignore
  { name: 'kafka.timeout', origins: ['kafka'], types: ['KafkaJSRequestTimeoutError'], errorClass: 'timeout' },
  { name: 'kafka.network', origins: ['kafka'], types: ['KafkaJSConnectionError', 'KafkaJSBrokerNotFound', 'KafkaJSConnectionClosedError'], errorClass: 'network' }, // oxfmt-ignore
  { name: 'kafka.server', origins: ['kafka'], types: ['KafkaJSError', 'KafkaJSProtocolError', 'KafkaJSNumberOfRetriesExceeded'], errorClass: 'server_error' }, // oxfmt-ignore
];
