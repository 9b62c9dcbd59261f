/**
 * made = sent + dropped + queued, per signal and destination, whatever is recorded, refused, flushed and interrupted in
 * whatever order, at any moment somebody looks (DESIGN §1.2). Only public behaviour: `start()`, `status()` and a real
 * receiver.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { logs, trace } from '@opentelemetry/api';
import * as fc from '../support/fast-check.ts';
import { redirectNotices } from '../../src/core/notices.ts';
import { start } from '../../src/index.ts';
import { type Fault, type Receiver, startReceiver } from '../../src/testing.ts';
import { assertBytesBalance, assertItemsBalance, type Delivery, totalOf } from '../support/ledger.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
const NUM_RUNS = LONG ? 600 : 40;

let receiver: Receiver;
let restoreNotices: () => void;
before(async () => {
  restoreNotices = redirectNotices(() => undefined);
  receiver = await startReceiver();
});
after(async () => {
  await receiver.close();
  restoreNotices();
});

/** One thing that happens. */
type Step =
  | { readonly do: 'spans'; readonly count: number; readonly bytes: number }
  | { readonly do: 'logs'; readonly count: number; readonly bytes: number }
  | { readonly do: 'unencodable' }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'heal' }
  | { readonly do: 'flush'; readonly millis: number }
  | { readonly do: 'wait'; readonly millis: number };

const count = fc.integer({ min: 1, max: 40 });
const bytes = fc.constantFrom(0, 10, 300, 4000);
const fault: fc.Arbitrary<Fault> = fc
  .record(
    {
      signal: fc.constantFrom('traces' as const, 'logs' as const),
      times: fc.integer({ min: 1, max: 4 }),
      delayMillis: fc.constantFrom(5, 30),
      kind: fc.constantFrom<Fault>(
        { status: 503 },
        { status: 429, retryAfterSeconds: 1 },
        { status: 400 },
        { status: 401 },
        { status: 413 },
        { reset: true },
        { resetMidBody: true },
        { hang: true },
        { garbage: true },
        { partialSuccess: { rejected: 1, message: 'one is too old' } },
      ),
    },
    { requiredKeys: ['kind'] },
  )
  .map(({ kind, ...where }) => ({ ...where, ...kind }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('spans' as const), count, bytes }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('logs' as const), count, bytes }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'unencodable' }) },
  { weight: 3, arbitrary: fault.map((fault): Step => ({ do: 'fault', fault })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'heal' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const), millis: fc.constantFrom(0, 20, 200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.constantFrom(0, 1, 15, 40) }) },
);

const story = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14 }),
  variables: fc.record({
    OTEL_BSP_SCHEDULE_DELAY: fc.constantFrom('1', '20', '5000'),
    OTEL_BLRP_SCHEDULE_DELAY: fc.constantFrom('1', '20', '5000'),
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: fc.constantFrom('1', '7', '512'),
    OTEL_EXPORTER_OTLP_PROTOCOL: fc.constantFrom('http/protobuf', 'http/json'),
    OTEL_EXPORTER_OTLP_COMPRESSION: fc.constantFrom('none', 'gzip'),
  }),
  /** Most items that wait; without it only bytes bound them. */
  queueSize: fc.option(fc.constantFrom('1', '20', '100'), { nil: undefined }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** What was recorded so far. */
interface Made {
  traces: number;
  logs: number;
}

function record(step: Step, made: Made): void {
  const tracer = trace.getTracer('ledger');
  switch (step.do) {
    case 'spans':
      made.traces += step.count;
      for (let item = 0; item < step.count; item++)
        tracer.startSpan('work', { attributes: { detail: 'x'.repeat(step.bytes) } }).end();
      break;
    case 'logs':
      made.logs += step.count;
      for (let item = 0; item < step.count; item++) logs.getLogger('ledger').emit({ body: 'x'.repeat(step.bytes) });
      break;
    case 'unencodable': {
      made.logs += 1;
      const hostile = new Proxy({}, { ownKeys: () => assert.fail('no keys for you') });
      logs.getLogger('ledger').emit({ body: hostile });
      break;
    }
    default:
  }
}

/** Lives through a story and looks at the account at every turn. */
async function live(told: Story, check: (delivery: Delivery) => void): Promise<void> {
  receiver.clear();
  const telemetry = start({
    serviceName: 'ledger',
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_TIMEOUT: '60',
      OTEL_METRICS_EXPORTER: 'none',
      DUOTEL_SIGNALS: 'off',
      ...told.variables,
      ...(told.queueSize !== undefined && { OTEL_BSP_MAX_QUEUE_SIZE: told.queueSize }),
    },
  });
  const made: Made = { traces: 0, logs: 0 };
  const healings: (() => void)[] = [];
  const look = (): Delivery[] => {
    const destinations = telemetry.status().destinations as unknown as Delivery[];
    for (const delivery of destinations) check(delivery);
    return destinations;
  };
  try {
    for (const step of told.steps) {
      record(step, made);
      if (step.do === 'fault') healings.push(receiver.fault(step.fault));
      if (step.do === 'heal') for (const heal of healings.splice(0)) heal();
      if (step.do === 'flush') await telemetry.forceFlush({ timeoutMillis: step.millis });
      if (step.do === 'wait') await sleep(step.millis);
      look();
    }
  } finally {
    await telemetry.shutdown({ timeoutMillis: 300 });
  }
  assertSettled(look(), made);
}

/** After the end nothing is queued, everything recorded is made, and what was sent has arrived. */
function assertSettled(destinations: readonly Delivery[], made: Made): void {
  for (const { signal, madeItems, sentItems, queuedItems, droppedItems } of destinations) {
    assert.equal(queuedItems, 0);
    if (signal !== 'traces' && signal !== 'logs') continue;
    assert.equal(madeItems, made[signal], `${signal}: made ${made[signal]}`);
    const arrived = signal === 'traces' ? receiver.spans.length : receiver.logs.length;
    // Partial success stores all the same; a timeout after the item was stored makes it arrive again, or be given up.
    assert.ok(arrived >= sentItems, `${signal}: ${sentItems} sent, ${arrived} arrived`);
    assert.equal(sentItems + totalOf(droppedItems), made[signal]);
  }
}

const settings = { numRuns: NUM_RUNS, endOnFailure: true };

test('made = sent + dropped + queued in items, at every moment of any story', async () => {
  await fc.assert(
    fc.asyncProperty(story, (told) => live(told, assertItemsBalance)),
    settings,
  );
});

test('made = sent + dropped + queued in bytes, at every moment of any story', async () => {
  await fc.assert(
    fc.asyncProperty(story, (told) => live(told, assertBytesBalance)),
    settings,
  );
});
