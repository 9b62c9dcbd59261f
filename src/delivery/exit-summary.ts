/**
 * What an exit came to: settles each request by its result, and says why items were lost.
 *
 * Layer: delivery. Loaded at the exit.
 */
import { degrade } from '../core/guard.ts';
import { displayUrl } from './account.ts';
import type { ExitOutcome, ExitRequest } from './exit-request.ts';
import { secretsOf } from './secrets.ts';
import type { TransportResult } from './transport.ts';
import { resolveVerdict, type Verdict } from './verdict.ts';

/** What an exit came to. */
export interface ExitSummary {
  /** Accepted; without those the destination left out. */
  readonly sentItems: number;
  /** Not accepted, or left out by the destination. */
  readonly lostItems: number;
  /** Why items were lost, in words without secrets, each once. */
  readonly causes: readonly string[];
}

/** A request and what came of it; `undefined`: nothing in time. */
export interface Tried {
  readonly request: ExitRequest;
  readonly result: TransportResult | undefined;
}

/** Settles requests and counts. */
export function summarize(tried: readonly Tried[], budgetMillis: number): ExitSummary {
  let [sentItems, lostItems] = [0, 0];
  const causes = new Set<string>();
  /** By the words that say where and why. */
  const leftOut = new Map<string, number>();
  for (const { request, result } of tried) {
    const verdict = judge(request, result);
    if (verdict?.status !== 'accepted') {
      lostItems += request.items;
      causes.add(describeFailure(request, verdict, result, budgetMillis));
      settle(request, 'dropped');
      continue;
    }
    const rejectedItems = Math.min(verdict.rejectedItems, request.items);
    sentItems += request.items - rejectedItems;
    lostItems += rejectedItems;
    settle(request, 'sent', rejectedItems);
    if (rejectedItems === 0) continue;
    const words = `${displayUrl(request.url)}\n${verdict.message || 'no reason given'}`;
    leftOut.set(words, (leftOut.get(words) ?? 0) + rejectedItems);
  }
  for (const [words, items] of leftOut) {
    const [where, why] = words.split('\n');
    causes.add(`${where} rejected ${items === 1 ? '1 item' : `${items} items`}: ${why}`);
  }
  return { sentItems, lostItems, causes: [...causes] };
}

/** Gives requests up. */
export function dropAll(requests: readonly ExitRequest[], cause: string): ExitSummary {
  for (const request of requests) settle(request, 'dropped');
  const lostItems = requests.reduce((sum, { items }) => sum + items, 0);
  return { sentItems: 0, lostItems, causes: [cause] };
}

function judge(request: ExitRequest, result: TransportResult | undefined): Verdict | undefined {
  if (result === undefined) return undefined;
  const context = { secrets: secretsOf(request), nowMillis: 0 };
  // 407 can only come from the proxy.
  if (result.status === 'answered' && result.statusCode === 407 && request.proxy !== undefined)
    return resolveVerdict({ status: 'failed', code: 'PROXY_407', message: 'the proxy answered 407' }, context);
  return resolveVerdict(result, context);
}

function describeFailure(
  { url, proxy }: ExitRequest,
  verdict: Exclude<Verdict, { status: 'accepted' }> | undefined,
  result: TransportResult | undefined,
  budgetMillis: number,
): string {
  const where = `${originOf(url)}${proxy === undefined ? '' : ` (through the proxy ${originOf(proxy)})`}`;
  if (verdict === undefined) return `${where} did not answer within ${budgetMillis} ms`;
  const isAnswer = result?.status === 'answered' && !verdict.cause.code.startsWith('PROXY_');
  return `${where} ${isAnswer ? 'answered with HTTP' : 'failed:'} ${verdict.cause.text}`;
}

/** An address without credentials, path or query. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the destination';
}

/** One destination's account must not keep the others from theirs. */
function settle(request: ExitRequest, outcome: ExitOutcome, rejectedItems?: number): void {
  try {
    request.settle(outcome, rejectedItems);
  } catch (cause) {
    degrade('exit.settle', cause);
  }
}
