import { deepEqual, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { pageOf } from '../../support/metric-page.ts';
import type { ParsedSample } from '../../support/prometheus-parser.ts';
import { SECONDS_BOUNDARIES } from '../../../src/encode/seconds.ts';
import { toClassicHistogram } from '../../../src/encode/classic-histogram.ts';

/** As `histogram_quantile` does: linear within the bucket. */
function quantile(q: number, samples: readonly ParsedSample[]): number {
  const buckets = samples.filter(({ labels }) => 'le' in labels);
  const rank = q * (buckets.at(-1)?.value ?? 0);
  const index = buckets.findIndex(({ value }) => value >= rank);
  const below = index === 0 ? { bound: 0, count: 0 } : boundOf(buckets[index - 1]);
  const { bound, count } = boundOf(buckets[index]);
  return below.bound + (bound - below.bound) * ((rank - below.count) / (count - below.count));
}

function boundOf(sample: ParsedSample | undefined): { bound: number; count: number } {
  return { bound: Number(sample?.labels['le']), count: sample?.value ?? Number.NaN };
}

/** Durations between 20 and 900 ms, each distribution repeatable. */
const DISTRIBUTIONS: Readonly<Record<string, (index: number) => number>> = {
  even: (index) => 0.02 + 0.88 * (index / 999),
  'mostly short': (index) => 0.02 + 0.88 * (index / 999) ** 3,
  'mostly long': (index) => 0.02 + 0.88 * Math.sqrt(index / 999),
};

suite('the 95th percentile of 1 000 durations is off by 15 % at most', () => {
  for (const [name, at] of Object.entries(DISTRIBUTIONS)) {
    const values = Array.from({ length: 1_000 }, (_, index) => at(index)).sort((a, b) => a - b);
    const actual = values[949] ?? Number.NaN;
    for (const aggregation of ['EXPLICIT_BUCKET_HISTOGRAM', 'EXPONENTIAL_HISTOGRAM'] as const) {
      test(`${name}, ${aggregation}`, async () => {
        const views: ViewOptions[] = [{ instrumentName: 'wait', aggregation: { type: AggregationType[aggregation] } }];
        const { families } = await pageOf(
          (meter) => {
            const advice = { explicitBucketBoundaries: [...SECONDS_BOUNDARIES] };
            const histogram = meter.createHistogram('wait', { unit: 's', advice });
            for (const value of values) histogram.record(value);
          },
          aggregation === 'EXPONENTIAL_HISTOGRAM' ? { views } : {},
        );
        const estimate = quantile(0.95, families.get('wait_seconds')?.samples ?? []);
        ok(Math.abs(estimate - actual) / actual <= 0.15, `${estimate} s instead of ${actual} s`);
      });
    }
  }
});

test('an explicit histogram is taken as it is, one of odd bounds is folded', () => {
  const counts = [1, 2, 3];
  const boundaries = [1, 2];
  deepEqual(toClassicHistogram({ buckets: { boundaries, counts }, sum: 9, count: 6 }, ''), {
    boundaries,
    counts,
    sum: 9,
  });
  deepEqual(toClassicHistogram({ buckets: { boundaries: [2, 1], counts }, sum: 9, count: 6 }, ''), {
    boundaries: [2],
    counts: [1, 5],
    sum: 9,
  });
});
