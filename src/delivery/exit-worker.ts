/**
 * Sends what is left while the main thread stands still: the only way to deliver when the event loop is over.
 *
 * A worker thread sends all requests at once; the thread that exits waits for it in `Atomics.wait`, so an exit costs
 * some tens of milliseconds with an endpoint that answers or refuses, and the budget with one that does neither.
 * One try each: there is no time for a second.
 * Layer: delivery. Loaded at the exit, and only when something is left.
 */
import { degrade } from '../core/guard.ts';
import { readExitAnswer } from './exit-answer.ts';
import type { ExitRequest } from './exit-request.ts';
import { dropAll, type ExitSummary, summarize } from './exit-summary.ts';
import { toWireRequest, type WireRequest } from './exit-wire.ts';
import { EXIT_WORKER_CODE } from './exit-worker-code.ts';
import type { TransportResult } from './transport.ts';

export { dropAll, type ExitSummary };

/**
 * Sends requests in parallel and blocks until all are answered or the budget is over. Never throws.
 *
 * Each request's `settle` is called before this returns.
 *
 * @param budgetMillis - longest time to block; 0 drops everything at once
 */
export function sendAtExit(requests: readonly ExitRequest[], budgetMillis: number): ExitSummary {
  if (requests.length === 0) return { sentItems: 0, lostItems: 0, causes: [] };
  try {
    const results = sendBlocking(requests, budgetMillis);
    return summarize(
      requests.map((request, index) => ({ request, result: results[index] })),
      budgetMillis,
    );
  } catch (cause) {
    degrade('exit.worker', cause);
    const isForbidden = (cause as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED';
    return dropAll(requests, isForbidden ? 'worker threads are not permitted (--allow-worker)' : 'no worker thread');
  }
}

/** Longest part of an answer that is looked at, in bytes. */
const WORDS_BYTES = 16_384;

/** What the worker gets. Of each request `results` has two numbers after the first: its result and the length of its words. */
interface WorkerInput {
  readonly requests: readonly WireRequest[];
  /** First 1 when all requests are finished. A result: 0 no answer yet, 1 failed, else the status of the answer. */
  readonly results: Int32Array<SharedArrayBuffer>;
  /** `wordsBytes` for each request: fields and body of an answer, or code and message of a failure. */
  readonly words: SharedArrayBuffer;
  readonly wordsBytes: number;
  readonly budgetMillis: number;
}

/** Results of requests; `undefined` where there was none in time. */
function sendBlocking(requests: readonly ExitRequest[], budgetMillis: number): (TransportResult | undefined)[] {
  const wires = requests.map(toWireOrError);
  const sendable = wires.filter((wire): wire is WireRequest => !(wire instanceof Error));
  const results = new Int32Array(new SharedArrayBuffer((1 + 2 * sendable.length) * Int32Array.BYTES_PER_ELEMENT));
  const words = new SharedArrayBuffer(sendable.length * WORDS_BYTES);
  const input = { requests: sendable, results, words, wordsBytes: WORDS_BYTES, budgetMillis };
  if (budgetMillis > 0 && sendable.length > 0) {
    startWorker(input);
    Atomics.wait(results, 0, 0, budgetMillis);
  }
  let index = 0;
  return wires.map((wire) => (wire instanceof Error ? unsendable(wire) : readResult(input, index++)));
}

function toWireOrError(request: ExitRequest): WireRequest | Error {
  try {
    return toWireRequest(request);
  } catch (cause) {
    return cause as Error;
  }
}

function unsendable({ code = 'FAILED', message }: NodeJS.ErrnoException): TransportResult {
  return { status: 'failed', code, message };
}

function readResult({ results, words }: WorkerInput, index: number): TransportResult | undefined {
  const result = Atomics.load(results, 1 + 2 * index);
  if (result === 0) return undefined;
  const bytes = new Uint8Array(words, index * WORDS_BYTES, results[2 + 2 * index]);
  if (result > 1) return readExitAnswer(result, bytes);
  const [code = '', message = ''] = Buffer.from(bytes).toString().split('\n');
  return { status: 'failed', code, message };
}

function startWorker(input: WorkerInput): void {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const worker = new Worker(EXIT_WORKER_CODE, {
    eval: true,
    // Neither arguments nor NODE_OPTIONS: preloads, this package's own among them, would run again.
    execArgv: [],
    env: tlsEnvironment(),
    stdout: true,
    stderr: true,
    workerData: input,
    transferList: input.requests.map(({ body }) => body.buffer),
  });
  worker.on('error', (cause) => degrade('exit.worker', cause));
  worker.unref();
}

/** Node.js reads this variable at each TLS connection; the others that matter to it hold for the whole process. */
function tlsEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TLS_REJECT_UNAUTHORIZED: value } = process.env;
  return value === undefined ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: value };
}
