import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { renderText } from '../../../src/encode/text.ts';
import { gauge, handMade, pageOf } from '../../support/metric-page.ts';
import { parsePrometheus } from '../../support/prometheus-parser.ts';

test('backslash, quote and line end are escaped and come back', async () => {
  const value = 'a\\b"c\nd\r\te';
  const { families } = await pageOf((meter) =>
    meter.createGauge('g', { description: 'x\\n\ny"z' }).record(1, { value }),
  );
  equal(families.get('g')?.samples[0]?.labels['value'], value);
  equal(families.get('g')?.help, 'x\\n\ny"z');
});

test('keys that become the same label share it, values joined in the order of the keys', async () => {
  const { text } = await pageOf((meter) =>
    meter.createGauge('g').record(1, { a_b: 'under', 'a.b': 'dot', 'a b': 'space' }),
  );
  match(text, /^g\{a_b="space;dot;under"\} 1$/m);
});

test('an attribute named le leaves the bucket label of a histogram alone', async () => {
  const { families } = await pageOf((meter) => {
    meter.createHistogram('h').record(1, { le: 'mine' });
    meter.createGauge('g').record(1, { le: 'mine' });
  });
  ok(families.get('h')?.samples.every(({ labels }) => labels['exported_le'] === 'mine'));
  equal(families.get('g')?.samples[0]?.labels['le'], 'mine');
});

test('names Prometheus reserves lose their reserved form', async () => {
  const { text } = await pageOf((meter) => meter.createGauge('g').record(1, { __name__: 'evil', '1st': 'x' }));
  match(text, /^g\{_name_="evil",key_1st="x"\} 1$/m);
});

test('arrays are JSON, and what has no text leaves no label', () => {
  const attributes = {
    array: ['a', 1, null],
    big: 10n,
    symbol: Symbol('s'),
    nothing: null,
    missing: undefined,
    empty: '',
    fn: () => 'source code',
    cyclic: {} as Record<string, unknown>,
    '': 'no key',
  };
  attributes.cyclic['self'] = attributes.cyclic;
  const text = renderText(handMade({ name: 'a', metrics: [gauge('g', [{ attributes, value: 1 }])] }));
  match(text, /^g\{array="\[\\"a\\",1,null\]",big="10"\} 1$/m);
  parsePrometheus(text);
});

test('points that become the same series are one: sums added, gauges replaced', async () => {
  const { text } = await pageOf((meter, provider) => {
    meter.createCounter('c').add(1, { n: 1 });
    meter.createCounter('c').add(2, { n: '1' });
    provider.getMeter('other').createCounter('c').add(4, { n: 1 });
    meter.createGauge('g').record(1, { n: 1 });
    meter.createGauge('g').record(2, { n: '1' });
    meter.createHistogram('h').record(3, { n: 1 });
    provider.getMeter('other').createHistogram('h').record(4, { n: 1 });
  });
  match(text, /^c_total\{n="1"\} 7$/m);
  match(text, /^g\{n="1"\} 2$/m);
  match(text, /^h_sum\{n="1"\} 7$/m);
  match(text, /^h_count\{n="1"\} 2$/m);
  parsePrometheus(text);
});

test('histograms with different bounds that become the same series keep the first', async () => {
  const { text } = await pageOf((_meter, provider) => {
    for (const [scope, bounds] of [
      ['a', [1]],
      ['b', [1, 2]],
      ['c', [2]],
    ] as const) {
      provider
        .getMeter(scope)
        .createHistogram('h', { advice: { explicitBucketBoundaries: [...bounds] } })
        .record(1);
    }
  });
  match(text, /^h_bucket\{le="1"\} 1\nh_bucket\{le="\+Inf"\} 1\nh_sum 1\nh_count 1$/m);
});
