import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufWriter } from '../../../src/encode/protobuf-writer.ts';

test('an item moved to a block is forgotten, and what lies around it stays', () => {
  const writer = new ProtobufWriter(4);
  writer.text(0x0a, 'outer');
  const start = writer.at;
  writer.text(0x0a, 'inner');
  const block = Buffer.alloc(16, '.');
  writer.moveTo(block, 3, start);
  assert.equal(block.toString(), '...\n\x05inner......');
  assert.equal(writer.at, start);
  assert.equal(writer.take(0).toString(), '\n\x05outer');
});

test('text of every length around a boundary keeps its bytes, in a writer that has to grow', () => {
  for (const length of [0, 1, 32, 33, 41, 42, 43, 120, 122, 124, 126, 127, 128, 5461, 5462, 16_384]) {
    for (const unit of ['x', 'é', '€']) {
      const content = unit.repeat(length);
      const writer = new ProtobufWriter(1);
      writer.textMessage(0x12, 0x0a, content);
      const bytes = writer.take(0);
      const text = Buffer.from(content);
      assert.deepEqual(bytes.subarray(bytes.length - text.length), text, `${length} × ${unit}`);
    }
  }
});

test('an item of eight megabytes is refused, and the writer serves the next one', () => {
  const writer = new ProtobufWriter();
  assert.throws(() => writer.text(0x0a, 'x'.repeat(9 * 1024 * 1024)), RangeError);
  writer.at = 0;
  writer.text(0x0a, 'next');
  assert.equal(writer.take(0).toString(), '\n\x04next');
});
