/**
 * Routes and failures of fastify.
 *
 * Our own, because the official `@fastify/otel` changes what programs do: it wraps hooks and handlers, so that fastify
 * no longer refuses a wrong hook, answers `throw null` differently, and shows itself in plugin names and printed routes;
 * 26 tests of fastify's own suite fail under it (docs/decisions/0016-fastify.md).
 * Layer: instrument. A chunk of its own, loaded when the application loads fastify.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { degrade } from '../../core/guard.ts';
import type { InstrumentationPart } from '../instrumentation-part.ts';
import { hearFiles } from '../upstream-hooks.ts';

/** What is used of fastify's reply; `request` is missing where a test or a program makes one of its own. */
interface Reply {
  readonly statusCode: number;
  readonly request?: { readonly routeOptions?: { readonly url?: string } };
}

/** What fastify 5 publishes around each handler. */
interface HandlerMessage {
  readonly route: { readonly url?: string };
}

/** Makes the instrumentation. */
export function create(): InstrumentationPart {
  return new Fastify();
}

class Fastify implements InstrumentationPart {
  readonly instrumentationName = '@fastify/otel';
  #isEnabled = false;
  readonly #handler = guarded(({ route }: HandlerMessage) => nameRoute(route.url));

  constructor() {
    hearFiles((exports, name) => {
      if (name === 'fastify/lib/reply.js') this.#wrapSend(exports);
      return exports;
    });
    this.enable();
  }

  setTracerProvider(): void {
    // Writes to the span of the request.
  }

  setMeterProvider(): void {
    // Measures nothing.
  }

  getConfig(): { readonly enabled: boolean } {
    return { enabled: this.#isEnabled };
  }

  getModuleDefinitions(): readonly { readonly name: string }[] {
    return [];
  }

  enable(): void {
    if (this.#isEnabled) return;
    this.#isEnabled = true;
    STARTED.subscribe(this.#handler);
  }

  disable(): void {
    this.#isEnabled = false;
    STARTED.unsubscribe(this.#handler);
  }

  /** Sees answers given before the handler, all of fastify 4, which publishes nothing, and every failure. */
  #wrapSend(exports: unknown): void {
    const { prototype } = exports as { readonly prototype: { send: (this: Reply, payload?: unknown) => unknown } };
    const original = prototype.send;
    const note = guarded(([reply, payload]: readonly [Reply, unknown]) => {
      if (!this.#isEnabled) return;
      nameRoute(reply.request?.routeOptions?.url);
      if (payload instanceof Error) recordError(reply, payload);
    });
    prototype.send = function send(payload?: unknown): unknown {
      note([this, payload]);
      return original.call(this, payload);
    };
  }
}

const STARTED: Channel = channel('tracing:fastify.request.handler:start');

/** On the request's span, and from there on its metrics; `undefined` where no route was found. */
function nameRoute(url: string | undefined): void {
  const metadata = url === undefined ? undefined : getRPCMetadata(context.active());
  if (metadata !== undefined) metadata.route = url as string;
}

/** The last failure of each reply: handlers of errors send it once more. */
const recorded = new WeakMap<Reply, Error>();

/** What a hook or handler threw, unless it is how the program says that the client is wrong. */
function recordError(reply: Reply, error: Error): void {
  if (statusOf(reply, error) < 500 || recorded.get(reply) === error) return;
  recorded.set(reply, error);
  getRPCMetadata(context.active())?.span.recordException(error);
}

/** By the rule of fastify. */
function statusOf(reply: Reply, error: Error): number {
  const { statusCode, status } = error as { readonly statusCode?: unknown; readonly status?: unknown };
  return [statusCode, status, reply.statusCode].map(Number).find((code) => code >= 400) ?? 500;
}

/** Exceptions of subscribers would end the program. */
function guarded(work: (message: never) => void): (message: unknown) => void {
  return (message) => {
    try {
      work(message as never);
    } catch (cause) {
      degrade('instrument.fastify', cause);
    }
  };
}
