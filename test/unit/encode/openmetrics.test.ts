import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { negotiateFormat } from '../../../src/encode/text-format.ts';
import { handMade, pageIn } from '../../support/metric-page.ts';

const FORMAT = negotiateFormat('application/openmetrics-text;version=1.0.0');
const UTF8 = negotiateFormat('application/openmetrics-text;version=1.0.0;escaping=allow-utf-8');

interface Made {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly points?: readonly object[];
  readonly type?: 'counter' | 'updown' | 'gauge' | 'histogram';
}

function metric({ name, unit = '', description = '', points = [{ value: 1 }], type = 'counter' }: Made): unknown {
  return {
    descriptor: { name, unit, description },
    dataPointType:
      type === 'histogram' ? DataPointType.HISTOGRAM : type === 'gauge' ? DataPointType.GAUGE : DataPointType.SUM,
    isMonotonic: type === 'counter',
    dataPoints: points.map((point) => ({ attributes: {}, ...point })),
  };
}

/** Lines after those of the target. */
function pageOf(...made: readonly Made[]): string[] {
  const page = pageIn(handMade({ name: 'a', metrics: made.map(metric) }), FORMAT);
  match(page, /^# HELP target Target metadata\n# TYPE target info\ntarget_info 1\n[^]*\n# EOF\n$/);
  return page.split('\n').slice(3, -2);
}

const histogram = (value: object): object => ({
  value: { buckets: { boundaries: [1, 2.5], counts: [2, 1, 1] }, count: 4, sum: 12.5, ...value },
});

suite('families', () => {
  test('a counter is announced without _total, with its unit', () => {
    deepEqual(pageOf({ name: 'data.sent', unit: 'By', description: 'say "hi"' }), [
      '# HELP data_sent_bytes say \\"hi\\"',
      '# TYPE data_sent_bytes counter',
      '# UNIT data_sent_bytes bytes',
      'data_sent_bytes_total 1',
    ]);
  });

  test('a unit that the name does not end in is not announced', () => {
    deepEqual(pageOf({ name: 'seconds.in.state', unit: 's', type: 'gauge' }), [
      '# TYPE seconds_in_state gauge',
      'seconds_in_state 1',
    ]);
  });

  test('a counter whose announced name is taken, or that is no count, is unknown under the same name', () => {
    deepEqual(pageOf({ name: 'x', type: 'gauge' }, { name: 'x' }), [
      '# TYPE x gauge',
      'x 1',
      '# TYPE x_total unknown',
      'x_total 1',
    ]);
    deepEqual(pageOf({ name: 'y', points: [{ value: -1 }] }), ['# TYPE y_total unknown', 'y_total -1']);
    deepEqual(pageOf({ name: 'y', points: [{ value: Number.NaN }] }), ['# TYPE y_total unknown', 'y_total NaN']);
  });

  test('a gauge named target leaves target_info a gauge', () => {
    const page = pageIn(handMade({ name: 'a', metrics: [metric({ name: 'target', type: 'gauge' })] }), FORMAT);
    match(page, /^# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info 1\n# TYPE target gauge\n/);
  });

  test('what a histogram keeps for itself is left out, whatever comes first', () => {
    const lines = pageOf(
      { name: 'h.created', type: 'gauge' },
      { name: 'h', type: 'histogram', points: [histogram({})] },
    );
    deepEqual(lines[0], '# TYPE h histogram');
    doesNotMatch(lines.join('\n'), /h_created/);
  });

  test('a histogram has the bounds of the text format; without a usable sum it has no count', () => {
    const of = (value: object): string[] =>
      pageOf({ name: 'h', type: 'histogram', points: [histogram(value)] }).slice(1);
    const buckets = ['h_bucket{le="1"} 2', 'h_bucket{le="2.5"} 3', 'h_bucket{le="+Inf"} 4'];
    deepEqual(of({}), [...buckets, 'h_sum 12.5', 'h_count 4']);
    for (const sum of [undefined, Number.NaN, -1]) deepEqual(of({ sum }), buckets);
  });
});

suite('exemplars', () => {
  const traceId = 'a'.repeat(32);
  const spanId = 'b'.repeat(16);
  const exemplar = (value: number, seconds: number, more: object = {}): object => ({
    value,
    timeMillis: seconds * 1_000 + 123.456_789,
    traceId,
    spanId,
    ...more,
  });
  const ids = `span_id="${spanId}",trace_id="${traceId}"`;

  test('a counter shows the newest', () => {
    const points = [{ value: 3, exemplars: [exemplar(1, 20), exemplar(2, 30), exemplar(4, 10)] }];
    equal(pageOf({ name: 'c', points }).at(-1), `c_total 3 # {${ids}} 2 30.123`);
  });

  test('each bucket shows its newest', () => {
    const exemplars = [exemplar(1, 20), exemplar(0.5, 30), exemplar(7, 10), exemplar(Number.NaN, 40)];
    deepEqual(pageOf({ name: 'h', type: 'histogram', points: [{ ...histogram({}), exemplars }] }).slice(1, 4), [
      `h_bucket{le="1"} 2 # {${ids}} 0.5 30.123`,
      'h_bucket{le="2.5"} 3',
      `h_bucket{le="+Inf"} 4 # {${ids}} 7 10.123`,
    ]);
  });

  test('attributes are shown as far as 128 characters go', () => {
    const attributes = { 'user.id': 'u1', long: 'x'.repeat(60), 'tag.a': 'y' };
    const points = [{ value: 1, exemplars: [exemplar(1, 1, { attributes })] }];
    match(
      pageOf({ name: 'c', points }).at(-1) ?? '',
      /# \{span_id="b+",tag_a="y",trace_id="a+",user_id="u1"\} 1 1\.123$/,
    );
  });

  test('a gauge, the text format, and what is no exemplar have none', () => {
    const points = [{ value: 1, exemplars: [exemplar(1, 1)] }];
    equal(pageOf({ name: 'g', type: 'gauge', points }).at(-1), 'g 1');
    const odd = [
      { value: 1, exemplars: [null, 1, {}, { value: 1, timeMillis: 'now' }, { value: '1', timeMillis: 1 }] },
    ];
    equal(pageOf({ name: 'c', points: odd }).at(-1), 'c_total 1');
    const text = pageIn(handMade({ name: 'a', metrics: [metric({ name: 'c', points })] }), negotiateFormat(undefined));
    doesNotMatch(text, /trace_id/);
  });
});

suite('strategies', () => {
  const metrics = handMade({
    name: 'lib',
    metrics: [metric({ name: 'naïve.count', unit: 's', points: [{ attributes: { 'a.b': 'x' }, value: 1 }] })],
  });
  const lastLine = (page: string): string | undefined => page.split('\n').at(-3);

  test('names in UTF-8 are quoted where the scraper takes them, and escaped where not', () => {
    const translation = 'NoUTF8EscapingWithSuffixes';
    const page = pageIn(metrics, UTF8, { translation });
    match(page, /^# TYPE "naïve.count_seconds" counter\n# UNIT "naïve.count_seconds" seconds\n/m);
    equal(lastLine(page), '{"naïve.count_seconds_total","a.b"="x"} 1');
    equal(lastLine(pageIn(metrics, FORMAT, { translation })), 'na_ve_count_seconds_total{a_b="x"} 1');
  });

  test('without suffixes a counter keeps its name and is unknown to OpenMetrics', () => {
    const page = pageIn(metrics, FORMAT, { translation: 'UnderscoreEscapingWithoutSuffixes' });
    match(page, /^# TYPE na_ve_count unknown\nna_ve_count\{a_b="x"\} 1\n# EOF\n$/m);
  });

  test('scopes are labels when asked for, and attributes make way for them', () => {
    const page = pageIn(
      handMade({
        name: 'lib',
        metrics: [metric({ name: 'c', points: [{ attributes: { otel_scope_name: 'mine' }, value: 1 }, { value: 2 }] })],
      }),
      FORMAT,
      { scopeLabels: true },
    );
    match(
      page,
      /\nc_total\{otel_scope_name="lib",exported_otel_scope_name="mine"\} 1\nc_total\{otel_scope_name="lib"\} 2\n/,
    );
    doesNotMatch(page, /target_info\{/);
  });
});
