/** Spans on their way to a collector and to Sentry, both the receiver of this package. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ROOT_CONTEXT, type Context, type Span, trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../../../src/config/config.ts';
import { createDeadline } from '../../../src/core/deadline.ts';
import { OtlpSpanProcessor } from '../../../src/outputs/otlp.ts';
import type { DestinationOutput } from '../../../src/outputs/destination-output.ts';
import { createSentrySpans } from '../../../src/sentry/spans.ts';
import { type Receiver, startReceiver } from '../../../src/testing.ts';
import { destinationAt, holding } from '../delivery/fault-server.ts';
import { LIMITS, tidy } from '../outputs/output-support.ts';

/** A project whose Sentry is at `url`. */
export function sentryAt(url: string, changes: Partial<SentryConfig> = {}): SentryConfig {
  const { hostname, port } = new URL(url);
  return {
    dsn: { protocol: 'http', host: hostname, port: Number(port), path: '', publicKey: 'key', projectId: '42' },
    tracesSampleRate: 1,
    traces: 'otlp',
    errorTraces: true,
    rules: [],
    logs: 'off',
    profilesSampleRate: 0,
    environment: 'test',
    release: undefined,
    ...changes,
  };
}

export interface BothOutputs {
  readonly receiver: Receiver;
  readonly collector: DestinationOutput;
  readonly sentry: DestinationOutput;
  readonly start: (name: string, parent?: Span | Context) => Span;
  /** Ends all waiting, and sends everything. */
  readonly send: () => Promise<void>;
}

/** Opens both; they are closed with the test. */
export async function openBoth(t: TestContext, changes: Partial<SentryConfig>): Promise<BothOutputs> {
  const receiver = await startReceiver({ maxItems: 100_000 });
  const selection = createSentrySpans(sentryAt(receiver.url, changes));
  assert.ok(selection);
  const destinations = [destinationAt(`${receiver.url}/v1/traces`), selection.destination];
  const processor = new OtlpSpanProcessor({ destinations, limits: LIMITS }, selection);
  const [collector, sentry] = processor.outputs;
  assert.ok(collector && sentry);
  tidy(t, collector);
  tidy(t, sentry);
  t.after(() => receiver.close());
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  return {
    receiver,
    collector,
    sentry,
    start: (name, parent) => tracer.startSpan(name, {}, contextOf(parent)),
    async send() {
      selection.decideAll();
      await holding(() => Promise.all(processor.outputs.map((output) => output.drain(createDeadline(20_000)))));
    },
  };
}

function contextOf(parent: Span | Context | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return 'spanContext' in parent ? trace.setSpan(ROOT_CONTEXT, parent) : parent;
}
