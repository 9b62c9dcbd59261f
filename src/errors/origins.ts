/**
 * Where an error comes from: which library made it, and whose error it therefore is.
 *
 * Layer: errors.
 */
import type { ErrorFacts } from './error-facts.ts';

/** Groups of rules. `answer`: an error made to answer the own client with. `other`: everything else. */
export type Origin = 'ai' | 'postgresql' | 'mysql' | 'mongodb' | 'redis' | 'kafka' | 'answer' | 'other';

/** Who an error is from. */
export interface Source {
  readonly origin: Origin;
  /** A closed list, beside what users set themselves; a label of metrics. */
  readonly provider: string;
}

const source = (origin: Origin, provider: string = origin): Source => ({ origin, provider });

/** By the package whose file is in the stack; the longest way is the most certain. */
export const PACKAGES: Readonly<Record<string, Source>> = {
  openai: source('ai', 'openai'),
  '@anthropic-ai/sdk': source('ai', 'anthropic'),
  '@google/genai': source('ai', 'google'),
  '@google/generative-ai': source('ai', 'google'),
  '@google-cloud/vertexai': source('ai', 'google'),
  '@mistralai/mistralai': source('ai', 'mistral'),
  'cohere-ai': source('ai', 'cohere'),
  'groq-sdk': source('ai', 'groq'),
  '@aws-sdk/client-bedrock-runtime': source('ai', 'aws'),
  pg: source('postgresql'),
  'pg-protocol': source('postgresql'),
  'pg-pool': source('postgresql'),
  postgres: source('postgresql'),
  mysql2: source('mysql'),
  mysql: source('mysql'),
  mongodb: source('mongodb'),
  ioredis: source('redis'),
  'redis-parser': source('redis'),
  '@redis/client': source('redis'),
  redis: source('redis'),
  kafkajs: source('kafka'),
};

/** By the host that was asked. */
export const HOSTS: Readonly<Record<string, Source>> = {
  'api.openai.com': source('ai', 'openai'),
  'api.anthropic.com': source('ai', 'anthropic'),
  'generativelanguage.googleapis.com': source('ai', 'google'),
  'api.x.ai': source('ai', 'xai'),
  'api.mistral.ai': source('ai', 'mistral'),
  'api.cohere.com': source('ai', 'cohere'),
  'api.groq.com': source('ai', 'groq'),
};

const UNKNOWN: Source = source('other', 'unknown');
const NODE: Source = source('other', 'node');
const ANSWER: Source = source('answer', 'unknown');
const SOME_AI: Source = source('ai', 'unknown');

/** The package names in a stack, nearest first. A bundled application has none. */
const PACKAGE_IN_STACK = /node_modules[/\\]((?:@[\w.-]+[/\\])?[\w.-]+)[/\\]/g;

/** Who an error of a chain is from; undefined if nothing tells. */
export function sourceOf(facts: ErrorFacts): Source | undefined {
  if (facts.host !== undefined && Object.hasOwn(HOSTS, facts.host)) return HOSTS[facts.host];
  return sourceByShape(facts) ?? sourceByStack(facts.stack) ?? systemSource(facts);
}

/** The best of a chain: a named provider before Node itself, the outermost first. */
export function sourceOfChain(chain: readonly ErrorFacts[]): Source {
  const known = chain.map(sourceOf).filter((each) => each !== undefined);
  return known.find(({ provider }) => provider !== 'node' && provider !== 'unknown') ?? known[0] ?? UNKNOWN;
}

function sourceByStack(stack: string | undefined): Source | undefined {
  if (stack === undefined || !stack.includes('node_modules')) return undefined;
  for (const [, name] of stack.matchAll(PACKAGE_IN_STACK)) {
    const known = name?.replace('\\', '/');
    // Only the nearest package made the error; the others called it.
    return known !== undefined && Object.hasOwn(PACKAGES, known) ? PACKAGES[known] : undefined;
  }
  return undefined;
}

/** Shapes that nobody else has. */
function sourceByShape({ types, marks, isAnswer, stack }: ErrorFacts): Source | undefined {
  if (isAnswer) return ANSWER;
  if (marks.includes('routine')) return source('postgresql');
  if (marks.includes('sqlState')) return source('mysql');
  if (types.some((type) => type.startsWith('Mongo'))) return source('mongodb');
  if (types.some((type) => type.startsWith('KafkaJS'))) return source('kafka');
  if (types.includes('ReplyError') || types.includes('MaxRetriesPerRequestError')) return source('redis');
  if (types.includes('OpenAIError')) return source('ai', 'openai');
  if (types.includes('AnthropicError')) return source('ai', 'anthropic');
  if (types.some((type) => type.startsWith('AI_'))) return sourceByStack(stack) ?? SOME_AI;
  return undefined;
}

function systemSource({ marks }: ErrorFacts): Source | undefined {
  return marks.includes('syscall') && marks.includes('errno') ? NODE : undefined;
}
