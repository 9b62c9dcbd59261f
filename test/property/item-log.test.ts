/** The log and its cursors against a model that is slow and obvious. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../support/fast-check.ts';
import type { Cursor } from '../../src/delivery/cursor.ts';
import { ItemLog } from '../../src/delivery/item-log.ts';
import { ITEM_OVERHEAD_BYTES, type LaneName } from '../../src/delivery/lane.ts';
import type { Parcel } from '../../src/delivery/outbox.ts';
import { ProtobufWriter } from '../../src/encode/protobuf-writer.ts';

const LIMITS = { maxBytes: 4000, maxItems: 60, stepBytes: 500 };
const GROUPS = [{}, {}, {}];

type Step =
  | {
      readonly do: 'append';
      readonly lane: LaneName;
      readonly size: number;
      readonly group: number;
      readonly notFor: readonly number[];
    }
  | { readonly do: 'take'; readonly cursor: number; readonly items: number; readonly bytes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      lane: fc.constantFrom<LaneName>('errors', 'rest', 'rest'),
      size: fc.integer({ min: 1, max: 300 }),
      group: fc.nat(GROUPS.length - 1),
      // The first cursor reads everything, the second most, the third little.
      notFor: fc
        .tuple(fc.nat(9), fc.nat(9))
        .map(([second, third]) => [...(second < 2 ? [1] : []), ...(third < 8 ? [2] : [])]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      cursor: fc.nat(2),
      items: fc.integer({ min: 1, max: 30 }),
      bytes: fc.integer({ min: 1, max: 2000 }),
    }),
  },
);

interface ModelItem {
  readonly id: number;
  readonly lane: LaneName;
  readonly size: number;
  readonly group: object;
}

/** What one destination has not read, oldest first, and what it lost. */
interface ModelReader {
  readonly waiting: ModelItem[];
  lostItems: number;
  lostBytes: number;
}

/** An item is its number as text, padded to its size. */
function encode(id: number, size: number): string {
  return `<${id}>`.padEnd(Math.max(size, `<${id}>`.length), '.');
}

class Model {
  readonly readers: readonly ModelReader[] = [0, 1, 2].map(() => ({ waiting: [], lostItems: 0, lostBytes: 0 }));
  #items: ModelItem[] = [];

  append(item: ModelItem, notFor: readonly number[]): void {
    this.#items.push(item);
    for (const [index, { waiting }] of this.readers.entries()) if (!notFor.includes(index)) waiting.push(item);
    for (let kept = this.#kept(); isFull(kept); kept = this.#kept()) {
      const lane = kept.some((each) => each.lane === 'rest') ? 'rest' : 'errors';
      const excess = bytesOf(kept) - LIMITS.maxBytes;
      let left = excess > 0 ? excess + LIMITS.stepBytes : 0;
      for (const oldest of kept.filter((each) => each.lane === lane)) {
        this.#lose(oldest);
        left -= oldest.size + ITEM_OVERHEAD_BYTES;
        if (left <= 0) break;
      }
    }
  }

  #lose({ id, size }: ModelItem): void {
    for (const reader of this.readers) {
      const index = reader.waiting.findIndex((item) => item.id === id);
      if (index < 0) continue;
      reader.waiting.splice(index, 1);
      reader.lostItems += 1;
      reader.lostBytes += size;
    }
  }

  take(reader: ModelReader, room: { readonly items: number; readonly bytes: number }): ModelItem[] {
    const { waiting } = reader;
    const inOrder = [
      ...waiting.filter(({ lane }) => lane === 'errors'),
      ...waiting.filter(({ lane }) => lane === 'rest'),
    ];
    const taken: ModelItem[] = [];
    let { items, bytes } = room;
    for (const name of ['errors', 'rest']) {
      for (const item of inOrder.filter(({ lane }) => lane === name)) {
        if (items === 0 || item.size > bytes) break;
        taken.push(item);
        items -= 1;
        bytes -= item.size;
      }
    }
    if (taken.length === 0) taken.push(...inOrder.slice(0, 1));
    for (const item of taken) waiting.splice(waiting.indexOf(item), 1);
    return taken;
  }

  /** From the oldest item of each lane on that somebody waits for: items in between hold their place. */
  #kept(): ModelItem[] {
    const waiting = this.readers.flatMap((reader) => reader.waiting);
    this.#items = this.#items.filter(({ id, lane }) => waiting.some((item) => item.lane === lane && item.id <= id));
    return this.#items;
  }
}

function bytesOf(kept: readonly ModelItem[]): number {
  return kept.reduce((sum, { size }) => sum + size + ITEM_OVERHEAD_BYTES, 0);
}

function isFull(kept: readonly ModelItem[]): boolean {
  return kept.length > 1 && (kept.length > LIMITS.maxItems || bytesOf(kept) > LIMITS.maxBytes);
}

function idsOf(parcel: Parcel | undefined): number[] {
  const text = Buffer.from(parcel?.body().bytes ?? []).toString();
  return [...text.matchAll(/<(\d+)>/g)].map(([, id]) => Number(id));
}

function openCursors(log: ItemLog): { readonly cursor: Cursor; readonly lost: { items: number; bytes: number } }[] {
  return [0, 1, 2].map(() => {
    const lost = { items: 0, bytes: 0 };
    const cursor = log.openCursor({
      frame: (groups) => ({ bytes: Buffer.concat(groups.flatMap(({ slices }) => slices)), contentType: '' }),
      ready: undefined,
      overrun: (items, bytes) => {
        lost.items += items;
        lost.bytes += bytes;
      },
    });
    return { cursor, lost };
  });
}

test('cursors read, lose and keep exactly what the model says, whatever the order of events', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const log = new ItemLog(LIMITS);
      const opened = openCursors(log);
      const model = new Model();
      const writer = new ProtobufWriter();
      for (const [id, next] of steps.entries()) {
        if (next.do === 'append') {
          const text = encode(id, next.size);
          writer.raw(Buffer.from(text));
          const notFor = next.notFor.map((index) => opened[index]?.cursor as Cursor);
          const group = GROUPS[next.group] as object;
          if (notFor.length === 0) log.append(next.lane, writer, 0, group);
          else log.appendToSome(notFor, next.lane, writer, 0, group);
          model.append({ id, lane: next.lane, size: text.length, group: GROUPS[next.group] as object }, next.notFor);
        } else {
          const parcel = opened[next.cursor]?.cursor.take(next);
          const expected = model.take(model.readers[next.cursor] as ModelReader, next);
          assert.deepEqual(
            idsOf(parcel).sort((a, b) => a - b),
            expected.map((item) => item.id).sort((a, b) => a - b),
          );
          assert.equal(parcel?.items ?? 0, expected.length);
          assert.equal(
            parcel?.bytes ?? 0,
            expected.reduce((sum, { size }) => sum + size, 0),
          );
        }
        for (const [index, { cursor, lost }] of opened.entries()) {
          const reader = model.readers[index] as ModelReader;
          assert.equal(cursor.waitingItems, reader.waiting.length);
          assert.deepEqual(lost, { items: reader.lostItems, bytes: reader.lostBytes });
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a parcel may be divided anywhere: the parts carry the same items in the same order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 2, maxLength: 40 }),
      fc.nat(40),
      (sizes, at) => {
        const log = new ItemLog({ maxBytes: Infinity, maxItems: undefined, stepBytes: 0 });
        const [{ cursor } = assert.fail()] = openCursors(log);
        const writer = new ProtobufWriter();
        for (const [id, size] of sizes.entries()) {
          writer.raw(Buffer.from(encode(id, size)));
          log.append(id % 5 === 0 ? 'errors' : 'rest', writer, 0, GROUPS[0] as object);
        }
        const whole = cursor.take({ items: Infinity, bytes: Infinity });
        assert.ok(whole);
        const ids = idsOf(whole);
        const parts = whole.split(at);
        if (at < 1 || at >= sizes.length) return assert.equal(parts, undefined);
        assert.deepEqual(parts?.flatMap(idsOf), ids);
        assert.equal(parts?.[0].items, at);
        assert.equal(
          parts?.reduce((sum, { bytes }) => sum + bytes, 0),
          whole.bytes,
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a destination that never reads keeps no more memory than the limit, and the others lose nothing', () => {
  const log = new ItemLog({ maxBytes: 100_000, maxItems: undefined, stepBytes: 1000 });
  const [idle, reading] = openCursors(log);
  assert.ok(idle && reading);
  const writer = new ProtobufWriter();
  for (let id = 0; id < 10_000; id += 1) {
    writer.raw(Buffer.from(encode(id, 100)));
    log.append('rest', writer, 0, GROUPS[0] as object);
    reading.cursor.take({ items: 10, bytes: 10_000 });
    assert.ok(log.lanes.rest.keptBytes <= 100_000);
  }
  assert.deepEqual(reading.lost, { items: 0, bytes: 0 });
  assert.equal(idle.lost.items + idle.cursor.waitingItems, 10_000);
});
