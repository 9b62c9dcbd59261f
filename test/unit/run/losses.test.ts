import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { redirectNotices } from '../../../src/core/notices.ts';
import type { DeliveryStats, DropReason } from '../../../src/delivery/account.ts';
import { createAccount } from '../../../src/delivery/account.ts';
import { NO_LOSS, tellLosses, untoldLoss } from '../../../src/run/losses.ts';

let lines: string[];
let restore: () => void;
beforeEach(() => {
  lines = [];
  restore = redirectNotices((line) => lines.push(line));
});
afterEach(() => restore());

function destination(dropped: Partial<Record<DropReason, number>>): DeliveryStats {
  const account = createAccount('traces', 'http://collector/v1/traces');
  for (const [reason, items] of Object.entries(dropped)) {
    account.made(items, 0);
    account.dropped(reason as DropReason, items, 0);
  }
  return account.stats();
}

test('nothing is asked and nothing told when nothing was lost, and a superseded snapshot is no loss', () => {
  const asked = () => assert.fail('outages were asked');
  assert.deepEqual(untoldLoss([], asked), NO_LOSS);
  assert.deepEqual(untoldLoss([destination({ superseded: 3 })], asked), NO_LOSS);
  tellLosses(NO_LOSS, NO_LOSS);
  assert.deepEqual(lines, []);
});

test('losses nobody told are one line, added up by reason over all destinations', () => {
  const destinations = [destination({ queue_full: 2, unencodable: 1 }), destination({ queue_full: 3 })];
  tellLosses(
    NO_LOSS,
    untoldLoss(destinations, () => 0),
  );
  assert.deepEqual(lines, [
    'DUOTEL_EXIT_LOSS 6 items of telemetry were lost before the end of the process: 5 more than the queue holds; 1 impossible to encode.\n',
  ]);
  tellLosses(
    NO_LOSS,
    untoldLoss(destinations, () => 0),
  );
  assert.equal(lines.length, 1);
});

test('what an outage tells is not told again, what came after it is', () => {
  assert.deepEqual(
    untoldLoss([destination({ rejected: 2 })], () => 2),
    NO_LOSS,
  );
  assert.deepEqual(
    untoldLoss([destination({ rejected: 2, queue_full: 7 })], () => 2),
    {
      lostItems: 7,
      causes: ['7 since the last line that counted them'],
    },
  );
});

test('what could not be encoded is no fault of a destination, so its line does not count it', () => {
  assert.deepEqual(
    untoldLoss([destination({ rejected: 2, unencodable: 4 })], () => 2),
    {
      lostItems: 4,
      causes: ['4 impossible to encode'],
    },
  );
});

test('the end and the time before share a line', () => {
  tellLosses({ lostItems: 1, causes: ['http://a did not answer'] }, { lostItems: 2, causes: ['2 too late'] });
  assert.deepEqual(lines, [
    'DUOTEL_EXIT_LOSS 3 items of telemetry were lost before and at the end of the process: http://a did not answer; 2 too late.\n',
  ]);
});

test('causes of an end that lost nothing are left out', () => {
  tellLosses({ lostItems: 0, causes: ['http://a said something'] }, { lostItems: 1, causes: ['1 too late'] });
  assert.doesNotMatch(lines.join(''), /http/);
});
