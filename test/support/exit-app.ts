/**
 * What a program under test imports to have unsent telemetry: a queue of ready requests and the exit hooks on it.
 *
 * `EXIT_ENDPOINT` says where to; without it the program is its own control. `EXIT_LEDGER` names a file for outcomes.
 */
import { appendFileSync } from 'node:fs';
import { createDeadline, withinDeadline } from '../../src/core/deadline.ts';
import type { ExitRequest } from '../../src/delivery/exit-request.ts';
import { type ExitHooks, installExitHooks } from '../../src/run/exit.ts';

const { EXIT_ENDPOINT: endpoint, EXIT_LEDGER: ledger, EXIT_SIGNALS: signals, EXIT_BUDGET: budget } = process.env;
const budgetMillis = Number(budget ?? 1000);
const unsent = new Set<ExitRequest>();

/** Queues a span. */
export function queue(name: string, overrides: Partial<ExitRequest> = {}): void {
  if (endpoint === undefined) return;
  const id = name.padEnd(8).slice(-8);
  const span = {
    traceId: Buffer.from(id + id).toString('hex'),
    spanId: Buffer.from(id).toString('hex'),
    name,
    kind: 1,
    startTimeUnixNano: '1',
    endTimeUnixNano: '2',
  };
  const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] });
  const request: ExitRequest = {
    url: `${endpoint}/v1/traces`,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
    items: 1,
    tls: {},
    timeoutMillis: 10_000,
    settle: (outcome, rejectedItems = 0) =>
      settle(request, `${name} ${outcome}${rejectedItems === 0 ? '' : `, ${rejectedItems} rejected`}`),
    ...overrides,
  };
  unsent.add(request);
  hooks?.notePending();
}

function settle(request: ExitRequest, line: string): void {
  unsent.delete(request);
  if (ledger !== undefined) appendFileSync(ledger, `${line}\n`);
}

/** Declares everything delivered, within this turn of the event loop. */
export function forget(): void {
  unsent.clear();
  hooks?.notePending();
}

async function drain(): Promise<void> {
  const deliver = async (request: ExitRequest): Promise<void> => {
    const { url, headers, body } = request;
    const signal = AbortSignal.timeout(budgetMillis);
    const response = await fetch(url, { method: 'POST', headers, body: Buffer.from(body), signal });
    if (response.ok) request.settle('sent');
  };
  await withinDeadline(Promise.allSettled([...unsent].map(deliver)), createDeadline(budgetMillis));
  hooks?.notePending();
}

export const hooks: ExitHooks | undefined =
  endpoint === undefined
    ? undefined
    : installExitHooks({
        sealed: () => [...unsent],
        pending: () => unsent.size > 0,
        drain,
        budgets: { exitMillis: Number(budget ?? 400), signalMillis: () => budgetMillis },
        signals: signals === 'off' ? 'off' : 'on',
      });
