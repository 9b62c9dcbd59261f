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

/** Lines that count lost items. */
const COUNTING = [
  'DUOTEL_EXPORT_FAILED',
  'DUOTEL_EXPORT_RECOVERED',
  'DUOTEL_PARTIAL_SUCCESS',
  'DUOTEL_EXIT_LOSS',
] as const;

/** A superseded snapshot is no loss: a newer one says the same and more. */
const WORDS: Readonly<Record<Exclude<DropReason, 'superseded'>, string>> = {
  rejected: 'not wanted by the destination',
  expired: 'tried for too long',
  queue_full: 'more than the queue holds',
  unencodable: 'impossible to encode',
  closed: 'too late',
};

/**
 * What was lost and not told, by the ledger.
 *
 * @param tellOutages - prints what is known of destinations that failed; called only when something was lost
 */
export function untoldLoss(destinations: readonly DeliveryStats[], tellOutages: () => void): Loss {
  const lost = new Map<string, number>();
  for (const [reason, items] of destinations.flatMap(({ droppedItems }) => Object.entries(droppedItems)))
    if (items > 0 && reason !== 'superseded') lost.set(reason, (lost.get(reason) ?? 0) + items);
  // No destination is to blame for these, so no other line has them.
  const unencodable = lost.get('unencodable') ?? 0;
  if (lost.size > (unencodable > 0 ? 1 : 0)) tellOutages();
  const counts = noticeCounts();
  const isTold = COUNTING.some((code) => counts[code] !== undefined);
  const untold = [...lost].filter(([reason]) => !isTold || reason === 'unencodable');
  if (counts.DUOTEL_EXIT_LOSS !== undefined || untold.length === 0) return NO_LOSS;
  return {
    lostItems: untold.reduce((sum, [, items]) => sum + items, 0),
    causes: untold.map(([reason, items]) => `${items} ${WORDS[reason as keyof typeof WORDS] ?? reason}`),
  };
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
