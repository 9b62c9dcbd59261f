import { deepEqual, equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType, DataPointType } from '@opentelemetry/sdk-metrics';
import { renderText } from '../../../src/encode/text.ts';
import { gauge, handMade, pageOf } from '../../support/metric-page.ts';
import { parsePrometheus } from '../../support/prometheus-parser.ts';

suite('kinds', () => {
  test('a counter has _total in its name, type and sample', async () => {
    const { text } = await pageOf((meter) =>
      meter.createCounter('app.orders', { description: 'Orders.' }).add(2, { ok: true }),
    );
    match(
      text,
      /^# HELP app_orders_total Orders\.\n# TYPE app_orders_total counter\napp_orders_total\{ok="true"\} 2\n/m,
    );
  });

  test('an up-down counter and a gauge are gauges', async () => {
    const { families } = await pageOf((meter) => {
      meter.createUpDownCounter('queue.size', { unit: '1' }).add(-3);
      meter.createGauge('cache.hit', { unit: '1' }).record(0.5);
    });
    equal(families.get('queue_size')?.type, 'gauge');
    equal(families.get('queue_size')?.samples[0]?.value, -3);
    equal(families.get('cache_hit_ratio')?.type, 'gauge');
  });

  test('a histogram has cumulative buckets, sum and count', async () => {
    const { text } = await pageOf((meter) => {
      const advice = { explicitBucketBoundaries: [1, 2.5] };
      const histogram = meter.createHistogram('wait', { unit: 's', advice });
      for (const value of [0.5, 1, 2, 9]) histogram.record(value, { route: '/' });
    });
    equal(
      text.slice(text.indexOf('# TYPE wait_seconds')),
      [
        '# TYPE wait_seconds histogram',
        'wait_seconds_bucket{route="/",le="1"} 2',
        'wait_seconds_bucket{route="/",le="2.5"} 3',
        'wait_seconds_bucket{route="/",le="+Inf"} 4',
        'wait_seconds_sum{route="/"} 12.5',
        'wait_seconds_count{route="/"} 4',
        '',
      ].join('\n'),
    );
  });

  test('an exponential histogram has fixed classic buckets that no value is too high for', async () => {
    const values = [0, 0.004, 0.02, 0.3, 0.3, 7, 100];
    const { families } = await pageOf(
      (meter) => {
        const histogram = meter.createHistogram('wait', { unit: 's' });
        for (const value of values) histogram.record(value);
      },
      { views: [{ instrumentName: 'wait', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }] },
    );
    const samples = families.get('wait_seconds')?.samples ?? [];
    const below = (le: string): number | undefined => samples.find(({ labels }) => labels['le'] === le)?.value;
    equal(samples.filter(({ name }) => name === 'wait_seconds_bucket').length, 15);
    deepEqual(['0.005', '0.025', '0.25', '0.5', '7.5', '10', '+Inf'].map(below), [2, 3, 3, 5, 6, 6, 7]);
    equal(
      samples.find(({ name }) => name === 'wait_seconds_sum')?.value,
      values.reduce((sum, value) => sum + value),
    );
  });

  test('a histogram of negative measurements has no sum', async () => {
    const { families } = await pageOf((meter) => meter.createUpDownCounter('change').add(-4), {
      views: [
        {
          instrumentName: 'change',
          aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0] } },
        },
      ],
    });
    deepEqual(
      families.get('change')?.samples.map(({ name, value }) => [name, value]),
      [
        ['change_bucket', 1],
        ['change_bucket', 1],
        ['change_count', 1],
      ],
    );
  });

  test('bounds that are doubled, infinite or not numbers are folded into their neighbours', async () => {
    const point = {
      attributes: {},
      value: {
        buckets: { boundaries: [-Infinity, 1, 1, Number.NaN, 0.5, 2, Infinity], counts: [1, 1, 1, 1, 1, 1, 1, 1] },
        sum: 8,
        count: 8,
      },
    };
    const metric = { ...(gauge('h', [point]) as object), dataPointType: DataPointType.HISTOGRAM };
    const page = parsePrometheus(renderText(handMade({ name: 'a', metrics: [metric] })));
    deepEqual(
      page
        .get('h')
        ?.samples.map(({ labels, value }) => [labels['le'], value])
        .slice(0, 4),
      [
        ['1', 2],
        ['2', 6],
        ['+Inf', 8],
        [undefined, 8],
      ],
    );
  });

  test('not-a-number and infinities are written as Prometheus reads them', () => {
    const text = renderText(
      handMade({
        name: 'a',
        metrics: [
          gauge(
            'g',
            [Number.NaN, Infinity, -Infinity, -0, 1e21, 5e-324].map((value, n) => ({ attributes: { n }, value })),
          ),
        ],
      }),
    );
    deepEqual(
      parsePrometheus(text)
        .get('g')
        ?.samples.map(({ value }) => value),
      [Number.NaN, Infinity, -Infinity, 0, 1e21, 5e-324],
    );
    match(text, /g\{n="0"\} NaN\ng\{n="1"\} \+Inf\ng\{n="2"\} -Inf\n/);
  });
});

suite('pages', () => {
  test('the resource is target_info, and nothing else carries it or the scope', async () => {
    const { text, families } = await pageOf((meter) => meter.createCounter('c').add(1), {
      resource: resourceFromAttributes({ 'service.name': 'svc', 'k8s.pod.name': 'p-1' }),
    });
    equal(
      text,
      '# HELP target_info Target metadata\n# TYPE target_info gauge\n' +
        'target_info{k8s_pod_name="p-1",service_name="svc"} 1\n# TYPE c_total counter\nc_total 1\n',
    );
    deepEqual(families.get('c_total')?.samples[0]?.labels, {});
  });

  test('equal names from two scopes stand under one header', async () => {
    const { text } = await pageOf((_meter, provider) => {
      provider.getMeter('b').createCounter('c', { description: 'of b' }).add(1, { s: 'b' });
      provider.getMeter('a').createCounter('c', { description: 'of a' }).add(1, { s: 'a' });
    });
    match(text, /# HELP c_total of a\n# TYPE c_total counter\nc_total\{s="a"\} 1\nc_total\{s="b"\} 1\n$/);
  });

  test('a metric whose type or sample names contradict an earlier one is left out', async () => {
    const { families } = await pageOf((_meter, provider) => {
      provider.getMeter('a').createGauge('x').record(1);
      provider.getMeter('b').createHistogram('x').record(1);
      provider.getMeter('a').createHistogram('y').record(1);
      provider.getMeter('b').createGauge('y.count').record(7);
      provider.getMeter('a').createGauge('z.bucket').record(1);
      provider.getMeter('b').createHistogram('z').record(1);
      provider.getMeter('a').createCounter('w').add(1);
      provider.getMeter('b').createGauge('w.total').record(1);
    });
    deepEqual(
      [...families].map(([name, { type }]) => `${type} ${name}`),
      ['gauge target_info', 'gauge x', 'histogram y', 'gauge z_bucket', 'counter w_total'],
    );
  });

  test('the page does not depend on the order in which scopes were collected', () => {
    const a = { name: 'a', metrics: [gauge('g', [{ attributes: { s: 'a' }, value: 1 }])] };
    const b = {
      name: 'b',
      metrics: [gauge('g', [{ attributes: { s: 'b' }, value: 1 }]), gauge('f', [{ attributes: {}, value: 1 }])],
    };
    equal(renderText(handMade(a, b)), renderText(handMade(b, a)));
  });

  test('a metric that cannot be read costs only itself', () => {
    const broken = gauge(
      'broken',
      [
        {
          get attributes(): object {
            throw new Error('boom');
          },
          value: 1,
        },
      ].map((point) => Object.create(point) as { attributes: object; value: unknown }),
    );
    const hostile = {
      attributes: {
        get x(): string {
          throw new Error('boom');
        },
      },
      value: 1,
    };
    const text = renderText(
      handMade({
        name: 'a',
        metrics: [
          null,
          broken,
          gauge('hostile', [hostile]),
          gauge('', []),
          gauge('fine', [{ attributes: {}, value: 1 }]),
        ],
      }),
    );
    equal(parsePrometheus(text).get('fine')?.samples[0]?.value, 1);
  });

  test('a metric without points leaves no header', () => {
    const text = renderText(handMade({ name: 'a', metrics: [gauge('g', [], 'help')] }));
    deepEqual([...parsePrometheus(text).keys()], ['target_info']);
  });
});
