/**
 * What an error means, in closed lists: its class, how bad that is, whether trying again helps.
 *
 * The lists are labels of metrics and tags in Sentry, and alert rules name them: a value is never renamed.
 * Layer: errors. Written to docs/reference/errors.md by `npm run generate`.
 */

/** Every error class. `unknown`: no rule had an opinion. */
export const ERROR_CLASSES = [
  'billing',
  'rate_limit',
  'authentication',
  'invalid_request',
  'timeout',
  'network',
  'server_error',
  'parsing',
  'cancelled',
  'unknown',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** From worst to least. */
export const ERROR_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type ErrorSeverity = (typeof ERROR_SEVERITIES)[number];

/** What follows from an error class alone. */
export interface ErrorClassTraits {
  readonly severity: ErrorSeverity;
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean;
  /** What somebody on call does about it. */
  readonly recommendedAction: string;
}

export const TRAITS: Readonly<Record<ErrorClass, ErrorClassTraits>> = {
  billing: {
    severity: 'critical',
    retryable: false,
    recommendedAction: 'Check plan, credit and quota of the account.',
  },
  rate_limit: {
    severity: 'medium',
    retryable: true,
    recommendedAction: 'Wait as told, then try again; spread the load.',
  },
  authentication: {
    severity: 'critical',
    retryable: false,
    recommendedAction: 'Check the credential and what it may do.',
  },
  invalid_request: { severity: 'low', retryable: false, recommendedAction: 'Correct what was sent.' },
  timeout: { severity: 'medium', retryable: true, recommendedAction: 'Try again; look for what is slow.' },
  network: { severity: 'medium', retryable: true, recommendedAction: 'Try again; check address, DNS and network.' },
  server_error: { severity: 'high', retryable: true, recommendedAction: 'Try again; look at the other side.' },
  parsing: { severity: 'low', retryable: false, recommendedAction: 'Look at the text that could not be read.' },
  cancelled: { severity: 'low', retryable: false, recommendedAction: 'Nothing: whoever asked lost interest.' },
  unknown: { severity: 'high', retryable: false, recommendedAction: 'Read the stack.' },
};

/** What is left of an allowance, as the other side told. */
export interface Quota {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Milliseconds since the epoch. */
  readonly resetsAtMillis: number | undefined;
}

/** What the classifier says of one error. */
export interface Classification {
  readonly errorClass: ErrorClass;
  readonly severity: ErrorSeverity;
  readonly retryable: boolean;
  /** Whose error it is: `openai`, `postgresql`, `node`; `unknown` if nothing tells. */
  readonly provider: string;
  /** HTTP status the error stands for. */
  readonly statusCode: number | undefined;
  readonly quota: Quota | undefined;
  readonly recommendedAction: string;
  /** Name of the rule that decided, a row of docs/reference/errors.md; `none` without. */
  readonly matchedRule: string;
}
