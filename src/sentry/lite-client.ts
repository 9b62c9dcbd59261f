/**
 * Sends captured errors to Sentry for programs that do not load Sentry themselves.
 *
 * Of `@sentry/core` it has the parts that are functions of an error; its client, scopes and integrations would be a
 * second Sentry beside the one an application may load later, and are not needed: a captured error is complete.
 * Layer: sentry. Loaded with the first error; synchronous, because in a crash there is no later.
 */
import type { Attributes } from '@opentelemetry/api';
import type { SentryConfig } from '../config/config.ts';
import type { CapturedError } from '../errors/captured-error.ts';
import type { SentryOutput } from '../outputs/sentry-output.ts';
import type { BeforeSend } from './before-send.ts';
import { writeEnvelope } from './envelope.ts';
import { SDK, toEvent } from './event.ts';
import { identityOf } from './identity.ts';

export interface LiteClientInput {
  readonly config: SentryConfig;
  /** Attributes of the resource. */
  readonly resource: () => Attributes;
  readonly output: SentryOutput;
  /** The user's. */
  readonly beforeSend: BeforeSend | undefined;
}

/** Queues the event of an error, unless the user drops it. */
export function sendEvent(captured: CapturedError, { config, resource, output, beforeSend }: LiteClientInput): void {
  const identity = identityOf(config, resource());
  const made = toEvent(captured, identity);
  const event = beforeSend === undefined ? made : beforeSend(made, captured.error);
  if (event === null) return output.output.account.filtered(1);
  const { spanContext } = captured;
  const header = {
    event_id: captured.eventId,
    sdk: { name: SDK.name, version: SDK.version },
    ...(spanContext !== undefined && {
      trace: {
        trace_id: spanContext.traceId,
        public_key: config.dsn.publicKey,
        environment: identity.environment,
        ...(identity.release !== undefined && { release: identity.release }),
      },
    }),
  };
  output.add('error', writeEnvelope([header, [[{ type: 'event' }, event]]]));
}
