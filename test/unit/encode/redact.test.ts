import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { RedactionConfig } from '../../../src/config/config.ts';
import { createLogRecordEncoder } from '../../../src/encode/log-record.ts';
import { frameTraces } from '../../../src/encode/request-frame.ts';
import { createRedactor, currentRedactor, redactText } from '../../../src/encode/redact.ts';
import { redactionCounts, useRedaction } from '../../../src/encode/redaction.ts';
import { createSpanEncoder } from '../../../src/encode/span.ts';
import { HARMLESS, plantAll, plantSome, type Planted } from '../../support/planted-secrets.ts';
import { encodeItem, makeRecord, makeSpan, readRecords, readSpans } from './encode-support.ts';

const ON: RedactionConfig = { mode: 'on', keys: [], keptKeys: [], patterns: [], replace: undefined };
const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const CARD = '4111 1111 1111 1111';
const TEXT = `paid with ${CARD} today`;
const CLEAN = 'paid with [redacted:card] today';
const values = { plain: TEXT, list: ['x', TEXT], map: { deep: [{ deeper: TEXT }] } };

/** Runs `work` under other rules. */
function under<T>(rules: Partial<RedactionConfig>, work: () => T): T {
  useRedaction({ ...ON, ...rules });
  try {
    return work();
  } finally {
    useRedaction(ON);
  }
}

function shown({ key, value }: Pick<Planted, 'key' | 'value'>): string {
  const record = makeRecord({ body: { [key]: value }, attributes: { [key]: value } });
  return Buffer.from(encodeItem(createLogRecordEncoder(currentRedactor), record)).toString('latin1');
}

test('a secret is replaced wherever a span has text, also when it is repeated', () => {
  const encoder = createSpanEncoder(currentRedactor);
  const span = makeSpan({
    name: TEXT,
    attributes: values,
    events: [{ name: TEXT, time: [1, 2], attributes: { ...values, 'exception.message': TEXT } }],
    links: [{ context, attributes: values }],
    status: { code: 2, message: TEXT },
  });
  for (let round = 0; round < 3; round++) {
    const slice = Buffer.from(encodeItem(encoder, span));
    assert.equal(slice.includes(CARD), false);
    const [read] = readSpans(span, [slice]);
    assert.equal(read?.name, CLEAN);
    assert.deepEqual(read?.attributes, { plain: CLEAN, list: ['x', CLEAN], map: { deep: [{ deeper: CLEAN }] } });
    assert.equal(slice.toString('latin1').split('[redacted:card]').length - 1, 13);
  }
});

test('under a secret key nothing is left but flags, however deep', () => {
  const body = { password: ['a', { name: 'b', n: 3, on: true }], cookies: { theme: 'dark' }, pin: 1234 };
  const record = makeRecord({ body, attributes: { 'user.token': 'c', age: 3, apiKey: 12 } });
  const [read] = readRecords(record, [encodeItem(createLogRecordEncoder(currentRedactor), record)]);
  assert.deepEqual(read?.body, {
    password: ['[redacted]', { name: '[redacted]', n: '[redacted]', on: true }],
    cookies: { theme: '[redacted]' },
    pin: '[redacted]',
  });
  assert.deepEqual(read?.attributes, { 'user.token': '[redacted]', age: 3, apiKey: '[redacted]' });
});

test('a key that is a secret itself is replaced', () => {
  const key = `ghp_${'a1B2'.repeat(9)}`;
  assert.equal(shown({ key, value: 1 }).includes(key), false);
});

test('the resource and the scope are redacted', () => {
  const resource = resourceFromAttributes({
    'process.command_args': ['node', '--password', 'hunter2'],
    'db.password': 'hunter3',
  });
  const slices = [encodeItem(createSpanEncoder(), makeSpan({}))];
  const bytes = frameTraces(resource, [{ scope: { name: 'test', attributes: { token: 'hunter4' } }, slices }]);
  assert.equal(bytes.includes('hunter'), false);
});

test('without a redactor, and with redaction off, texts stay as they are', () => {
  const span = makeSpan({ name: TEXT, attributes: { password: 'hunter2' } });
  assert.ok(Buffer.from(encodeItem(createSpanEncoder(), span)).includes(CARD));
  under({ mode: 'off' }, () => {
    const slice = Buffer.from(encodeItem(createSpanEncoder(currentRedactor), span));
    assert.ok(slice.includes(CARD) && slice.includes('hunter2'));
  });
});

test('what an encoder remembers of one rule does not outlive it', () => {
  const encoder = createSpanEncoder(currentRedactor);
  const span = makeSpan({ attributes: { iban: 'DE02' } });
  for (let round = 0; round < 3; round++) assert.ok(Buffer.from(encodeItem(encoder, span)).includes('DE02'));
  under({ keys: ['iban'] }, () => assert.equal(Buffer.from(encodeItem(encoder, span)).includes('DE02'), false));
});

suite('planted secrets', () => {
  for (const planted of plantAll(1)) {
    test(`${planted.key}: ${JSON.stringify(planted.value)} does not leave`, () => {
      assert.equal(shown(planted).includes(planted.secret), false, shown(planted));
    });
  }

  test('2000 variants do not leave', () => {
    const leaked = plantSome(7, 2000).filter((planted) => shown(planted).includes(planted.secret));
    assert.deepEqual(leaked, []);
  });
});

suite('ordinary values', () => {
  for (const [key, value] of HARMLESS) {
    test(`${key}: ${JSON.stringify(value)} stays as it is`, () => {
      const record = makeRecord({ body: { [key]: value }, attributes: { [key]: value } });
      const read = readRecords(record, [encodeItem(createLogRecordEncoder(currentRedactor), record)])[0];
      assert.deepEqual([read?.body, read?.attributes], [{ [key]: value }, { [key]: value }]);
    });
  }
});

test('redacting what is redacted changes nothing, and is not counted again', () => {
  for (const planted of plantSome(3, 300)) {
    if (typeof planted.value !== 'string') continue;
    const once = redactText(planted.value, planted.key);
    const before = JSON.stringify(redactionCounts());
    assert.equal(redactText(once, planted.key), once);
    assert.equal(JSON.stringify(redactionCounts()), before, once);
  }
});

test('secrets are counted by what they were told by', () => {
  const before = redactionCounts().card ?? 0;
  redactText(TEXT);
  assert.equal(redactionCounts().card, before + 1);
});

suite('rules of the user', () => {
  test('a key may stand anywhere among the words of another, in texts too', () => {
    under({ keys: ['iban', 'birth date'] }, () => {
      assert.equal(redactText('x', 'customer.ibanNumber'), '[redacted]');
      assert.equal(redactText('x', 'birth_date'), '[redacted]');
      assert.equal(redactText('iban=DE02 ok'), 'iban=[redacted] ok');
      assert.equal(redactText('x', 'date'), 'x');
    });
  });

  test('a kept key keeps its value, whatever it is', () => {
    under({ keptKeys: ['token', 'card'] }, () => {
      assert.equal(redactText('abc', 'token'), 'abc');
      assert.equal(redactText(TEXT, 'card'), TEXT);
      assert.equal(redactText('abc', 'user.token'), '[redacted]');
    });
  });

  test('patterns have digits and the rest of a word', () => {
    under({ patterns: ['acme_live_*', 'EMP-####'] }, () => {
      assert.equal(
        redactText('a acme_live_x9/Z b EMP-1234, EMP-12'),
        'a [redacted:pattern] b [redacted:pattern], EMP-12',
      );
    });
  });

  test('a function has the last word; if it fails nothing of the text is left', () => {
    const seen: string[] = [];
    const replace = (key: string, text: string): string => {
      seen.push(`${key}:${text}`);
      if (text === 'boom') throw new Error('broken');
      return text === 'nothing' ? (undefined as never) : text.replace('Ada', 'A.');
    };
    under({ replace }, () => {
      assert.equal(redactText('Ada password=x', 'note'), 'A. password=[redacted]');
      assert.equal(redactText('boom', 'k'), '[redacted]');
      assert.equal(redactText('nothing', 'k'), '[redacted]');
    });
    assert.equal(seen[0], 'note:Ada password=[redacted]');
  });

  test('strict takes e-mail addresses out', () => {
    assert.equal(redactText('to ada.l+x@mail.example.com.'), 'to ada.l+x@mail.example.com.');
    under({ mode: 'strict' }, () => assert.equal(redactText('to ada.l+x@mail.example.com.'), 'to [redacted:email].'));
  });

  test('mode off is no redactor', () => assert.equal(createRedactor({ ...ON, mode: 'off' }), undefined));
});
