/**
 * Settles where and how much Sentry receives.
 *
 * Layer: config. Loaded only when one of its variables is set. Source: DESIGN D8.
 */
import { createRequire } from 'node:module';
import type { ResourceConfig, SentryConfig, SentryDsn } from './config.ts';
import { parseDsn, projectUrl } from './dsn.ts';
import { createProxyResolver } from './proxy.ts';
import type { Reader } from './reader.ts';
import type * as samplingModule from './sampling.ts';
import {
  DUOTEL_SENTRY_ERROR_TRACES,
  DUOTEL_SENTRY_LOGS,
  DUOTEL_SENTRY_RULES,
  DUOTEL_SENTRY_TRACES,
  SENTRY_DSN,
  SENTRY_PROFILES_SAMPLE_RATE,
  SENTRY_TRACES_SAMPLE_RATE,
} from './variables/sentry.ts';

const load = createRequire(import.meta.url);

/** Share of traces when nothing is set: a busy service pays for each of them. */
const PRODUCTION_SAMPLE_RATE = 0.1;

/** `undefined` without a DSN that can be used; of a bad one, a finding says so, and everything else is on. */
export function resolveSentry(reader: Reader, resource: ResourceConfig): SentryConfig | undefined {
  const givenRate = reader.given(SENTRY_TRACES_SAMPLE_RATE);
  const choices = {
    traces: reader.value(DUOTEL_SENTRY_TRACES),
    errorTraces: reader.value(DUOTEL_SENTRY_ERROR_TRACES) === 'on',
    rules: reader.text(DUOTEL_SENTRY_RULES) === undefined ? [] : sampling().readRules(reader, DUOTEL_SENTRY_RULES),
    logs: reader.value(DUOTEL_SENTRY_LOGS),
    profilesSampleRate: reader.given(SENTRY_PROFILES_SAMPLE_RATE) ?? 0,
  };
  const dsn = resolveDsn(reader);
  if (dsn === undefined) return undefined;
  const { environment, release } = resource;
  const tracesSampleRate = givenRate ?? (environment === 'production' ? PRODUCTION_SAMPLE_RATE : 1);
  if (givenRate === undefined) reader.settle(SENTRY_TRACES_SAMPLE_RATE, String(tracesSampleRate), 'default');
  const proxy = createProxyResolver(reader)(new URL(projectUrl(dsn)));
  return { dsn, ...(proxy !== undefined && { proxy }), tracesSampleRate, ...choices, environment, release };
}

function resolveDsn(reader: Reader): SentryDsn | undefined {
  const text = reader.given(SENTRY_DSN);
  if (text === undefined) return undefined;
  const parsed = parseDsn(text);
  if (parsed.ok) return parsed.dsn;
  reader.reject(SENTRY_DSN, `${parsed.problem} (a DSN looks like https://KEY@HOST/PROJECT)`);
  return undefined;
}

/** Few programs have rules. */
function sampling(): typeof samplingModule {
  return load('./sampling.ts') as typeof samplingModule;
}
