/**
 * A client for programs that import Sentry and never initialise it: made of their own copy, sending through our
 * delivery.
 *
 * Layer: sentry. Loaded when such a program first uses Sentry.
 */
import type { Envelope as SentryEnvelope } from '@sentry/core';
import type { NodeClient } from '@sentry/node';
import type { SentryConfig } from '../config/config.ts';
import { projectUrl } from '../config/dsn.ts';
import { createDeadline } from '../core/deadline.ts';
import type { SentryOutput } from '../outputs/sentry-output.ts';
import { categoryOf, type Envelope, writeEnvelope } from './envelope.ts';
import type { SentryIdentity } from './identity.ts';
import type { SentryPackage } from './installed-sentry.ts';

export interface ApplicationClientInput {
  readonly config: SentryConfig;
  readonly identity: SentryIdentity;
  readonly output: SentryOutput;
}

/** How long `Sentry.flush()` without a time waits, in milliseconds. */
const FLUSH_MILLIS = 2000;

/** Makes the client and puts it in charge. */
export function createApplicationClient(sentry: SentryPackage, input: ApplicationClientInput): NodeClient {
  const { config, identity } = input;
  const client = withoutBeforeExit(
    () =>
      new sentry.NodeClient({
        dsn: dsnOf(config),
        environment: identity.environment,
        ...(identity.release !== undefined && { release: identity.release }),
        ...(identity.serverName === undefined ? { includeServerName: false } : { serverName: identity.serverName }),
        stackParser: sentry.defaultStackParser,
        // Short and synchronous, so that an error is queued before a process that crashes has ended. Not the one against
        // duplicates: it takes errors of one place for one error, and ours are told apart and counted.
        integrations: [
          sentry.eventFiltersIntegration(),
          sentry.functionToStringIntegration(),
          sentry.linkedErrorsIntegration(),
        ],
        enableRuntimeChannelInjection: false,
        enableOpenTelemetrySetup: false,
        sendClientReports: false,
        dataCollection: PRIVATE,
        transport: () => createDeliveryTransport(input.output),
      }),
  );
  // `init()` of the application would print a warning that it was called twice.
  Object.defineProperty(client, Symbol.for('SentryClosedClient'), { value: true });
  sentry.getCurrentScope().setClient(client);
  client.init();
  return client;
}

/** Nothing of requests: what is known of them comes from our own request context. */
const PRIVATE = {
  userInfo: false,
  cookies: false,
  httpHeaders: { request: false, response: false },
  httpBodies: [],
  urlQueryParams: false,
  stackFrameVariables: false,
};

function dsnOf({ dsn }: SentryConfig): string {
  const url = new URL(projectUrl(dsn));
  url.username = dsn.publicKey;
  url.pathname = `${dsn.path === '' ? '' : `/${dsn.path}`}/${dsn.projectId}`;
  return url.href;
}

/** A listener for it would keep the drain off the event loop: with others there, 'beforeExit' work runs twice. */
function withoutBeforeExit<T>(make: () => T): T {
  const before = new Set(process.listeners('beforeExit'));
  const made = make();
  for (const listener of process.listeners('beforeExit'))
    if (!before.has(listener)) process.off('beforeExit', listener);
  return made;
}

/** As far as Sentry's packages use a transport. */
interface DeliveryTransport {
  send(envelope: SentryEnvelope): Promise<{ statusCode: number }>;
  flush(timeoutMillis?: number): Promise<boolean>;
}

function createDeliveryTransport(output: SentryOutput): DeliveryTransport {
  return {
    send: (sent) => {
      const envelope = sent as unknown as Envelope;
      output.add(categoryOf(envelope), writeEnvelope(envelope));
      return Promise.resolve({ statusCode: 200 });
    },
    flush: async (timeoutMillis = FLUSH_MILLIS) => {
      const { queuedItems } = await output.output.drain(createDeadline(timeoutMillis));
      return queuedItems === 0;
    },
  };
}
