import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Compressor } from '../../../src/delivery/compressor.ts';

const BODIES = [Buffer.from('a'), Buffer.from('span '.repeat(40_000)), randomBytes(2 ** 20 + 3), Buffer.from('b')];

test('bodies of any size and kind are whole, one after the other', async () => {
  const compressor = new Compressor();
  for (let round = 0; round < 3; round += 1)
    for (const body of BODIES) assert.ok(gunzipSync(await compressor.compress(body)).equals(body));
});

test('bodies that are compressed at the same time do not mix', async () => {
  const compressor = new Compressor();
  const all = await Promise.all(BODIES.map((body) => compressor.compress(body)));
  for (const [index, body] of BODIES.entries()) assert.ok(gunzipSync(all[index] as Uint8Array).equals(body));
});
