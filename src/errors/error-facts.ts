/**
 * Reads an error of any kind once, so that nothing behind it can stumble over it.
 *
 * Whatever can be thrown can be captured: getters that throw, revoked proxies, megabytes of text, circles of causes.
 * Layer: errors.
 */
import type { ErrorDetails } from './captured-error.ts';

/** What the classifier looks at, of one error of a chain. */
export interface ErrorFacts {
  /** Name of the class, and every name up its chain of classes before `Error`. */
  readonly types: readonly string[];
  /** `code`, as text; for MongoDB and gRPC a number. */
  readonly code: string | undefined;
  readonly statusCode: number | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  /** Made to be an answer to the own client: http-errors, Nest, Boom. */
  readonly isAnswer: boolean;
  /** Host of the request that failed, where the error knows it. */
  readonly host: string | undefined;
  /** Headers of the response that failed, where the error has them. */
  readonly headers: unknown;
  /** Fields some drivers have and nobody else: `routine` of PostgreSQL, `sqlState` of MySQL. */
  readonly marks: readonly string[];
}

const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
const MAX_DEPTH = 5;
const MAX_ERRORS = 10;

/** The error, then its causes and the errors of aggregates, each once, at most ten. */
export function errorChain(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let level: readonly unknown[] = [error];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const fresh = level.filter((each) => !chain.includes(each)).slice(0, MAX_ERRORS - chain.length);
    chain.push(...fresh);
    level = fresh.flatMap(innerErrors);
  }
  return chain;
}

/** `cause`, then the `errors` of an aggregate. */
function innerErrors(error: unknown): readonly unknown[] {
  const cause = read(error, 'cause');
  return [...(cause === undefined || cause === null ? [] : [cause]), ...listOf(read(error, 'errors'))];
}

/** Validation libraries keep their findings under `errors` too; those are no errors. */
function listOf(value: unknown): readonly unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, MAX_ERRORS).filter((each) => isErrorLike(each)) : [];
  } catch {
    return [];
  }
}

/** What people are shown of an error. */
export function describeError(error: unknown, depth = 0): ErrorDetails {
  const stack = text(read(error, 'stack'), MAX_STACK);
  return {
    type: typeNames(error)[0] ?? typeof error,
    message: messageOf(error),
    stack: isErrorLike(error) ? stack : undefined,
    code: codeOf(error),
    causes: depth < MAX_DEPTH - 1 ? boundedCauses(error, depth) : [],
  };
}

function boundedCauses(error: unknown, depth: number): ErrorDetails[] {
  // Wide only at the top: ten errors with ten causes each would be ten thousand four levels down.
  const inner = innerErrors(error).filter((each) => each !== error);
  return inner.slice(0, depth === 0 ? MAX_ERRORS : 1).map((each) => describeError(each, depth + 1));
}

/** What the classifier is told. */
export function readFacts(error: unknown): ErrorFacts {
  const response = read(error, 'response');
  return {
    types: typeNames(error),
    code: codeOf(error),
    statusCode: statusOf(error) ?? statusOf(response),
    message: messageOf(error),
    stack: text(read(error, 'stack'), MAX_STACK),
    isAnswer: isAnswer(error),
    host: hostOf(error),
    headers: read(error, 'headers') ?? read(error, 'responseHeaders') ?? read(response, 'headers'),
    marks: MARKS.filter((mark) => read(error, mark) !== undefined),
  };
}

const MARKS = ['routine', 'sqlState', 'isAxiosError', 'requestID', '$metadata', 'errno', 'syscall'] as const;

/** One property of anything; undefined if it cannot be read. */
export function read(owner: unknown, key: string): unknown {
  try {
    return (owner as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** Whether something has message and stack, as an error of any realm has. */
export function isErrorLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return typeof read(value, 'stack') === 'string' && typeof read(value, 'message') === 'string';
}

function text(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' ? value.slice(0, limit) : undefined;
}

function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    return text(read(error, 'message'), MAX_MESSAGE) ?? '';
  }
  try {
    return String(error).slice(0, MAX_MESSAGE);
  } catch {
    return '';
  }
}

/** `name` first where somebody has set it; then the classes, innermost first. */
function typeNames(error: unknown): string[] {
  if (error === null) return ['null'];
  if (typeof error !== 'object') return [typeof error];
  const classes = classNames(error);
  const name = text(read(error, 'name'), 200);
  // Many classes leave the name they inherit: `class QuotaError extends Error {}`.
  if (name === undefined || name === '' || name === 'Error') return classes;
  return [...new Set([name, ...classes])];
}

function classNames(error: object): string[] {
  const names: string[] = [];
  try {
    let prototype = Object.getPrototypeOf(error) as object | null;
    while (prototype !== null && prototype !== Object.prototype && names.length < MAX_DEPTH) {
      const name = text(read(read(prototype, 'constructor'), 'name'), 200);
      if (name !== undefined && name !== '' && !names.includes(name)) names.push(name);
      prototype = Object.getPrototypeOf(prototype) as object | null;
    }
  } catch {
    // A proxy that will not say what it is.
  }
  if (names.length > 1 && names.at(-1) === 'Error') names.pop();
  return names.length === 0 ? ['Object'] : names;
}

function codeOf(error: unknown): string | undefined {
  const code = read(error, 'code');
  if (typeof code === 'number') return String(code);
  // Body parsers and AI providers have it in `type`.
  return text(code, 200) || text(read(error, 'type'), 200);
}

function statusOf(owner: unknown): number | undefined {
  for (const key of ['status', 'statusCode']) {
    const status = read(owner, key);
    if (typeof status === 'number' && status >= 400 && status <= 599) return status;
  }
  return undefined;
}

function isAnswer(error: unknown): boolean {
  return (
    typeof read(error, 'expose') === 'boolean' || typeof read(error, 'getStatus') === 'function' || read(error, 'isBoom') === true // oxfmt-ignore
  );
}

function hostOf(error: unknown): string | undefined {
  const url = text(read(error, 'url') ?? read(read(error, 'config'), 'url'), 2048);
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}
