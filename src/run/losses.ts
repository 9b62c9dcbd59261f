/**
 * The last line of a process about what was lost: what the end itself cost, and what no line has counted before.
 *
 * Layer: run.
 */
import { noticeCounts, notify } from '../core/notices.ts';
import type { DeliveryStats, DropReason } from '../delivery/account.ts';

/** Items lost, and why, in words without secrets. */
export interface Loss {
  readonly lostItems: number;
  readonly causes: readonly string[];
}

export const NO_LOSS: Loss = { lostItems: 0, causes: [] };

/** A superseded snapshot is no loss: a newer one says the same and more. */
const WORDS: Readonly<Record<Exclude<DropReason, 'superseded'>, string>> = {
  rejected: 'not wanted by the destination',
  expired: 'tried for too long',
  queue_full: 'more than the queue holds',
  ceiling: 'more than may be sent in an hour',
  rate_limited: 'more than the destination takes for now',
  unencodable: 'impossible to encode',
  closed: 'too late',
};

/**
 * What was lost and not told, by the ledger.
 *
 * @param tellOutages - prints what is known of destinations that failed, and gives the number of lost items that lines
 *   have counted until now; called only when destinations lost something
 */
export function untoldLoss(destinations: readonly DeliveryStats[], tellOutages: () => number): Loss {
  if (noticeCounts().DUOTEL_EXIT_LOSS !== undefined) return NO_LOSS;
  const { unencodable = 0, superseded: _, ...others } = addUp(destinations);
  const lostItems = Object.values(others).reduce((sum, items) => sum + items, 0);
  const toldItems = lostItems === 0 ? 0 : tellOutages();
  const untoldItems = Math.max(0, lostItems - toldItems);
  const reasons = toldItems === 0 ? describe(others) : [`${untoldItems} since the last line that counted them`];
  return {
    lostItems: untoldItems + unencodable,
    // No destination is to blame for what cannot be encoded, so no other line has that.
    causes: [...(untoldItems === 0 ? [] : reasons), ...describe({ unencodable })],
  };
}

type LossesByReason = Partial<Record<DropReason, number>>;

function addUp(destinations: readonly DeliveryStats[]): LossesByReason {
  const sums: LossesByReason = {};
  for (const { droppedItems } of destinations)
    for (const [reason, items] of Object.entries(droppedItems) as [DropReason, number][])
      sums[reason] = (sums[reason] ?? 0) + items;
  return sums;
}

function describe(lost: Omit<LossesByReason, 'superseded'>): string[] {
  const reasons = Object.entries(lost) as [keyof typeof WORDS, number][];
  return reasons.filter(([, items]) => items > 0).map(([reason, items]) => `${items} ${WORDS[reason]}`);
}

/** Tells both in one line; nothing when nothing was lost. */
export function tellLosses(atEnd: Loss, earlier: Loss): void {
  const lostItems = atEnd.lostItems + earlier.lostItems;
  if (lostItems === 0) return;
  const what = lostItems === 1 ? '1 item of telemetry was' : `${lostItems} items of telemetry were`;
  const isEarly = earlier.lostItems > 0;
  const when = atEnd.lostItems === 0 ? 'before the end' : `${isEarly ? 'before and ' : ''}at the end`;
  const causes = [...(atEnd.lostItems > 0 ? atEnd.causes : []), ...earlier.causes].join('; ');
  notify({
    code: 'DUOTEL_EXIT_LOSS',
    message: `${what} lost ${when} of the process: ${causes}.`,
    key: 'exit',
  });
}
