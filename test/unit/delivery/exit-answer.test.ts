import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExitAnswer } from '../../../src/delivery/exit-answer.ts';

const read = (text: string) => readExitAnswer(200, Buffer.from(text, 'latin1'));
const bodyOf = (text: string): string => Buffer.from(read(text).body).toString('latin1');

test('names of fields are read in lower case, values without space around them', () => {
  const { status, statusCode, headers } = read('\r\nContent-Type:  application/json \r\nX: a:b\r\n\r\n');
  assert.deepEqual([status, statusCode, headers], ['answered', 200, { 'content-type': 'application/json', x: 'a:b' }]);
});

test('a body ends where its length says, at the end of the bytes without one', () => {
  assert.equal(bodyOf('\r\ncontent-length: 2\r\n\r\nabc'), 'ab');
  assert.equal(bodyOf('\r\nx: y\r\n\r\nabc\r\n\r\nd'), 'abc\r\n\r\nd');
  assert.equal(bodyOf('\r\n\r\nabc'), 'abc');
});

test('chunks are joined, with bytes of any value, extensions and trailers', () => {
  const chunked = '\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.equal(bodyOf(`${chunked}3\r\na\xff\r\r\nA;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n`), 'a\xff\r0123456789');
  assert.equal(bodyOf(`${chunked}0\r\n\r\n`), '');
});

test('what was cut is read as far as it goes', () => {
  assert.equal(bodyOf('\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc'), 'abc');
  assert.equal(bodyOf('\r\ntransfer-encoding: chunked\r\n\r\nnonsense'), '');
  assert.equal(bodyOf('\r\ncontent-length: 10\r\n\r\nabc'), 'abc');
  assert.deepEqual(read('\r\ncontent-ty'), {
    status: 'answered',
    statusCode: 200,
    headers: {},
    body: new Uint8Array(),
  });
});
