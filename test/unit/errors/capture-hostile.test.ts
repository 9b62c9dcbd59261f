import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addErrorSink } from '../../../src/errors/error-sinks.ts';
import { createHostileValues } from '../../support/hostile.ts';
import { createCaptures } from './capture.ts';

for (const [name, value] of Object.entries(createHostileValues())) {
  test(`${name} can be thrown, and given as hints`, (t) => {
    const { capture, sent } = createCaptures(t);
    assert.equal(capture(value).outcome, 'captured');
    assert.equal(capture(new Error('x'), value).outcome, 'captured');
    assert.equal(capture(new Error('y'), { tags: value, extra: value, fingerprint: value, level: value }).outcome, 'captured'); // oxfmt-ignore
    assert.equal(sent.length, 3);
    assert.equal(typeof sent[0]?.details.message, 'string');
  });
}

test('a sink that throws costs the others nothing; one that captures comes to an end', (t) => {
  const { capture, sent } = createCaptures(t);
  t.after(addErrorSink(() => assert.fail('broken sink')));
  t.after(addErrorSink(() => void capture(new Error('from within'))));
  assert.equal(capture(new Error('x')).outcome, 'captured');
  assert.equal(sent.length, 1);
});

test('an error of megabytes is cut', (t) => {
  const { capture, sent } = createCaptures(t);
  const error = new Error('m'.repeat(5e6));
  capture(Object.assign(error, { cause: error }));
  assert.ok(JSON.stringify(sent[0]?.details).length < 30_000);
});
