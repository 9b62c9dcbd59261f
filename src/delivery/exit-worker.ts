/**
 * Sends what is left while the main thread stands still: the only way to deliver when the event loop is over.
 *
 * A worker thread sends all requests at once; the thread that exits waits for it in `Atomics.wait`, so an exit costs
 * some tens of milliseconds with an endpoint that answers or refuses, and the budget with one that does neither.
 * One try each: there is no time for a second.
 * Layer: delivery. Loaded at the exit, and only when something is left.
 */
import type { Worker } from 'node:worker_threads';
import { degrade } from '../core/guard.ts';
import type { ExitRequest } from './exit-request.ts';
import { EXIT_WORKER_CODE } from './exit-worker-code.ts';

/** What an exit came to. */
export interface ExitSummary {
  readonly sentItems: number;
  readonly lostItems: number;
  /** Why requests failed, in words, each once. */
  readonly causes: readonly string[];
}

/**
 * Sends requests in parallel and blocks until all are answered or the budget is over. Never throws.
 *
 * Each request's `settle` is called before this returns. A complete answer of 200 to 299 counts as sent; what its body says
 * about rejected items is not read.
 *
 * @param budgetMillis - longest time to block; 0 drops everything at once
 */
export function sendAtExit(requests: readonly ExitRequest[], budgetMillis: number): ExitSummary {
  if (requests.length === 0) return { sentItems: 0, lostItems: 0, causes: [] };
  try {
    return summarize(requests, sendBlocking(requests, budgetMillis), budgetMillis);
  } catch (cause) {
    degrade('exit.worker', cause);
    const isForbidden = (cause as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
    return dropAll(requests, isForbidden ? 'worker threads are not permitted (--allow-worker)' : 'no worker thread');
  }
}

/** Gives requests up. */
export function dropAll(requests: readonly ExitRequest[], cause: string): ExitSummary {
  for (const request of requests) settle(request, 'dropped');
  return { sentItems: 0, lostItems: sumItems(requests), causes: [cause] };
}

/** Of one request: 0 no answer in time, 1 failed without an answer, else the status of the answer. */
type Result = number;

function sendBlocking(requests: readonly ExitRequest[], budgetMillis: number): readonly Result[] {
  // The first number turns 1 when all requests are finished; the others are their results.
  const results = new Int32Array(new SharedArrayBuffer((requests.length + 1) * Int32Array.BYTES_PER_ELEMENT));
  if (budgetMillis > 0) {
    startWorker({ requests: requests.map(toPlain), results, budgetMillis });
    Atomics.wait(results, 0, 0, budgetMillis);
  }
  return requests.map((_, index) => Atomics.load(results, index + 1));
}

/** What the worker gets; functions cannot be cloned. */
type PlainRequest = Omit<ExitRequest, 'settle' | 'items'>;

interface WorkerInput {
  readonly requests: readonly PlainRequest[];
  readonly results: Int32Array<SharedArrayBuffer>;
  readonly budgetMillis: number;
}

function toPlain({ url, headers, body, tls, timeoutMillis, address }: ExitRequest): PlainRequest {
  // A copy, because cloning a view clones the whole memory behind it.
  const plain = { url, headers: { ...headers }, body: new Uint8Array(body), tls: { ...tls }, timeoutMillis };
  return address === undefined ? plain : { ...plain, address };
}

function startWorker(input: WorkerInput): Worker {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(EXIT_WORKER_CODE, {
    eval: true,
    // Neither arguments nor NODE_OPTIONS: preloads, this package's own among them, would run again.
    execArgv: [],
    env: tlsEnvironment(),
    stdout: true,
    stderr: true,
    workerData: input,
    transferList: input.requests.map(({ body }) => body.buffer as ArrayBuffer),
  });
  worker.on('error', (cause) => degrade('exit.worker', cause));
  worker.unref();
  return worker;
}

/** Node.js reads this variable at each TLS connection; the others that matter to it hold for the whole process. */
function tlsEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TLS_REJECT_UNAUTHORIZED: value } = process.env;
  return value === undefined ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: value };
}

function summarize(requests: readonly ExitRequest[], results: readonly Result[], budgetMillis: number): ExitSummary {
  const lost = new Set<ExitRequest>();
  const causes = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const result = results[index] ?? 0;
    const isSent = result >= 200 && result < 300;
    if (!isSent) {
      lost.add(request);
      causes.add(`${describeOrigin(request.url)} ${describeResult(result, budgetMillis)}`);
    }
    settle(request, isSent ? 'sent' : 'dropped');
  }
  const lostItems = sumItems([...lost]);
  return { sentItems: sumItems(requests) - lostItems, lostItems, causes: [...causes] };
}

function describeResult(result: Result, budgetMillis: number): string {
  if (result === 0) return `did not answer within ${budgetMillis} ms`;
  return result === 1 ? 'could not be reached' : `answered with HTTP ${result}`;
}

/** An address without credentials, path or query. */
function describeOrigin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the destination';
}

/** One destination's account must not keep the others from theirs. */
function settle(request: ExitRequest, outcome: 'sent' | 'dropped'): void {
  try {
    request.settle(outcome);
  } catch (cause) {
    degrade('exit.settle', cause);
  }
}

function sumItems(requests: readonly ExitRequest[]): number {
  return requests.reduce((sum, { items }) => sum + items, 0);
}
