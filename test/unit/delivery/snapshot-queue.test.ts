import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Lane } from '../../../src/delivery/lane.ts';
import type { Parcel } from '../../../src/delivery/outbox.ts';
import { SnapshotQueue, type SnapshotOwner } from '../../../src/delivery/snapshot-queue.ts';
import { ProtobufWriter } from '../../../src/encode/protobuf-writer.ts';

const EVERYTHING = { items: Infinity, bytes: Infinity };
/** Of each point. */
const POINT_BYTES = 10;

/** Points that are ten times the same letter. */
function snapshot(letters: string, group: (index: number) => object = () => GROUP): Lane {
  const lane = new Lane();
  const writer = new ProtobufWriter();
  for (const [index, letter] of letters.split('').entries()) {
    writer.raw(Buffer.from(letter.repeat(POINT_BYTES)));
    lane.append(writer, 0, group(index));
  }
  return lane;
}

const GROUP = {};

function createQueue(owner: Partial<SnapshotOwner> = {}) {
  const events: string[] = [];
  const queue = new SnapshotQueue({
    isSuperseding: true,
    limitBytes: 100,
    frame: (groups) => ({ bytes: Buffer.concat(groups.flatMap(({ slices }) => slices)), contentType: '' }),
    requestBytes: (pointBytes) => pointBytes,
    ready: undefined,
    superseded: (items, bytes) => void events.push(`superseded ${items} ${bytes}`),
    overrun: (items, bytes) => void events.push(`overrun ${items} ${bytes}`),
    ...owner,
  });
  return { queue, events };
}

/** Letters of a parcel. */
const lettersOf = (parcel: Parcel | undefined): string | undefined =>
  parcel &&
  Buffer.from(parcel.body().bytes)
    .toString()
    .replaceAll(/(.)\1{9}/g, '$1');

const take = (queue: SnapshotQueue): Parcel | undefined => queue.take({ items: Infinity, bytes: 1000 });

suite('a snapshot', () => {
  test('leaves in requests there is room for, all of it and once', () => {
    const { queue } = createQueue();
    queue.put(snapshot('abcdefg'));
    const room = { items: Infinity, bytes: 3 * POINT_BYTES + 5 };
    const parcels = Array.from({ length: 4 }, () => queue.take(room));
    assert.deepEqual(parcels.map(lettersOf), ['abc', 'def', 'g', undefined]);
    assert.deepEqual([parcels[0]?.items, parcels[0]?.bytes, queue.waitingItems], [3, 30, 0]);
  });

  test('leaves as one point for each request, if there is no room even for that', () => {
    const { queue } = createQueue();
    queue.put(snapshot('ab'));
    const room = { items: Infinity, bytes: 1 };
    assert.deepEqual([queue.take(room), queue.take(room)].map(lettersOf), ['a', 'b']);
  });

  test('leaves in requests that are small enough with what frames them, however that is spread', () => {
    const heavy = { frameBytes: 400 };
    const light = { frameBytes: 1 };
    const spreads: ((index: number) => object)[] = [
      () => heavy,
      () => ({ ...light }),
      (index) => (index < 20 ? { ...heavy } : light),
    ];
    const requestBytes = (pointBytes: number, groups: ReadonlySet<object>): number =>
      [...groups].reduce((sum, group) => sum + (group as typeof heavy).frameBytes, pointBytes);
    for (const groupOf of spreads) {
      const { queue } = createQueue({ requestBytes });
      const letters = 'abcdefghij'.repeat(20);
      queue.put(snapshot(letters, groupOf));
      let arrived = '';
      let requests = 0;
      for (let parcel = take(queue); parcel !== undefined; parcel = take(queue)) {
        arrived += lettersOf(parcel);
        requests += 1;
      }
      assert.equal(arrived, letters);
      assert.ok(requests >= 2 && requests <= 40, `${requests} requests`);
    }
  });

  test('can be divided, and goes with the items it is asked for', () => {
    const { queue } = createQueue();
    queue.put(snapshot('abcde'));
    assert.equal(lettersOf(queue.take({ items: 2, bytes: Infinity })), 'ab');
    assert.deepEqual(queue.take(EVERYTHING)?.split(1)?.map(lettersOf), ['c', 'de']);
  });
});

suite('a newer cumulative snapshot', () => {
  test('replaces what waits of the older one, and what was taken of it is superseded, divided or not', () => {
    const { queue, events } = createQueue();
    queue.put(snapshot('abcde'));
    const parcel = queue.take({ items: 2, bytes: Infinity });
    const parts = parcel?.split(1) ?? [];
    assert.deepEqual(
      [parcel, ...parts].map((each) => each?.isSuperseded),
      [false, false, false],
    );
    queue.put(snapshot('xy'));
    assert.deepEqual(events, ['superseded 3 30']);
    assert.deepEqual(
      [parcel, ...parts].map((each) => each?.isSuperseded),
      [true, true, true],
    );
    const newer = queue.take({ items: 1, bytes: Infinity });
    assert.deepEqual([lettersOf(newer), newer?.isSuperseded, queue.waitingItems], ['x', false, 1]);
  });

  test('is kept whatever its size', () => {
    const { queue, events } = createQueue({ limitBytes: 1 });
    queue.put(snapshot('abc'));
    assert.deepEqual([queue.waitingItems, events], [3, []]);
  });
});

suite('deltas', () => {
  test('wait one after the other, and none is superseded', () => {
    const { queue, events } = createQueue({ isSuperseding: false });
    queue.put(snapshot('abc'));
    const first = queue.take({ items: 1, bytes: Infinity });
    queue.put(snapshot('de'));
    assert.deepEqual([queue.waitingItems, first?.isSuperseded, events], [4, false, []]);
    assert.deepEqual([queue.take(EVERYTHING), queue.take(EVERYTHING)].map(lettersOf), ['bc', 'de']);
  });

  test('give way when the space is needed, the oldest first, without what was taken of them', () => {
    const { queue, events } = createQueue({ isSuperseding: false, limitBytes: 50 });
    queue.put(snapshot('abc'));
    queue.take({ items: 1, bytes: Infinity });
    queue.put(snapshot('def'));
    assert.deepEqual(events, []);
    queue.put(snapshot('g'));
    assert.deepEqual([events, queue.waitingItems], [['overrun 2 20'], 4]);
    queue.put(snapshot('h'.repeat(30)));
    assert.deepEqual([events.slice(1), queue.waitingItems], [['overrun 3 30', 'overrun 1 10'], 30]);
  });
});
