/**
 * Writes families of series as lines of text.
 *
 * Most of a page is the same labels over and over: those of a histogram are written once and then copied within the
 * page, which is several times cheaper than making strings.
 * Layer: encode. Source: Prometheus "Exposition formats"; OpenMetrics 1.0.
 */
import type { ClassicHistogram } from './classic-histogram.ts';
import type { ExemplarText } from './openmetrics-exemplar.ts';
import { formatNumber, MAX_NUMBER_BYTES, type PageBuffer } from './page-buffer.ts';
import { LEGACY_METRIC } from './text-escaping.ts';
import type { Family, Row } from './text-families.ts';
import { BUCKET_LABEL, escapeQuoted, escapeText, quoteUnless } from './text-labels.ts';

/** How a family is announced, and what its lines may have. */
export interface FamilyShape {
  /** In `# TYPE`; in OpenMetrics without the suffix of its samples. */
  readonly name: string;
  readonly type: string;
  /** Unit to announce; empty for none. */
  readonly unit: string;
  /** Text of the exemplars of a row; `undefined` where a format or type has none. */
  readonly exemplarsOf: ((row: Row) => ExemplarText | undefined) | undefined;
  /** Whether quotes in the help text are escaped, sums that count backwards left out. */
  readonly isStrict: boolean;
}

/** Series between two yields. */
const ROWS_PER_STEP = 64;

const SPACE = 32;
const NEW_LINE = 10;

/** Writes a family in steps. */
export function* writeFamily(page: PageBuffer, family: Family, shape: FamilyShape): Generator<void, void> {
  writeHead(page, family, shape);
  const writeRow =
    family.type === 'histogram' ? createHistogramWriter(page, family, shape) : createNumberWriter(page, family, shape);
  let left = ROWS_PER_STEP;
  for (const [labels, row] of family.rows) {
    writeRow(labels, row);
    if ((left -= 1) === 0) {
      left = ROWS_PER_STEP;
      yield;
    }
  }
}

function writeHead(page: PageBuffer, { help }: Family, { name, type, unit, isStrict }: FamilyShape): void {
  const shown = quoteUnless(LEGACY_METRIC, name);
  if (help !== '') page.append(`# HELP ${shown} ${isStrict ? escapeQuoted(help) : escapeText(help)}\n`);
  page.append(`# TYPE ${shown} ${type}\n`);
  if (unit !== '') page.append(`# UNIT ${shown} ${unit}\n`);
}

type RowWriter = (labels: string, row: Row) => void;

/** What stands before labels, and instead of them where there are none. A name that needs quotes is among the labels. */
function namePart(name: string): { readonly before: string; readonly alone: string } {
  return LEGACY_METRIC.test(name)
    ? { before: `${name}{`, alone: name }
    : { before: `{"${escapeQuoted(name)}",`, alone: `{"${escapeQuoted(name)}"}` };
}

/** Writes `name{labels} `. */
function createSampleWriter(page: PageBuffer, name: string): (labels: string) => void {
  const { before, alone } = namePart(name);
  return (labels) => {
    page.reserve(3 * (before.length + labels.length) + 2 + MAX_NUMBER_BYTES);
    if (labels === '') {
      page.write(alone);
    } else {
      page.write(before);
      page.write(labels);
      page.writeShort('}');
    }
    page.writeByte(SPACE);
  };
}

function createNumberWriter(page: PageBuffer, { name }: Family, { exemplarsOf }: FamilyShape): RowWriter {
  const writeSample = createSampleWriter(page, name);
  return (labels, row) => {
    writeSample(labels);
    page.writeNumber(row.value as number);
    const exemplar = row.exemplars === undefined ? undefined : exemplarsOf?.(row)?.newest;
    if (exemplar === undefined) page.writeByte(NEW_LINE);
    else page.append(`${exemplar}\n`);
  };
}

function createHistogramWriter(page: PageBuffer, { name }: Family, { exemplarsOf, isStrict }: FamilyShape): RowWriter {
  const { before } = namePart(`${name}_bucket`);
  const writeSum = createSampleWriter(page, `${name}_sum`);
  const writeCount = createSampleWriter(page, `${name}_count`);
  const endings = createBucketEndings();
  return (labels, row) => {
    const histogram = row.value as ClassicHistogram;
    const exemplars = row.exemplars === undefined ? undefined : exemplarsOf?.(row);
    const total = writeBuckets(page, { before, labels, histogram, ends: endings(histogram.boundaries), exemplars });
    const { sum } = histogram;
    // Without a sum OpenMetrics has no count either; the last bucket is the same number.
    if (isStrict && (sum === undefined || !(sum >= 0) || (histogram.boundaries[0] ?? 0) < 0)) return;
    if (sum !== undefined) {
      writeSum(labels);
      page.writeNumber(sum);
      page.writeByte(NEW_LINE);
    }
    writeCount(labels);
    page.writeNumber(total);
    page.writeByte(NEW_LINE);
  };
}

/** Rest of a bucket's labels, by bound; made once, because all series of an instrument share their bounds. */
function createBucketEndings(): (boundaries: readonly number[]) => readonly string[] {
  let last: readonly number[] | undefined;
  let ends: readonly string[] = [];
  return (boundaries) => {
    if (boundaries !== last) {
      last = boundaries;
      ends = [...boundaries, Infinity].map((bound) => `${formatNumber(bound)}"} `);
    }
    return ends;
  };
}

const LAST_LABEL = `,${BUCKET_LABEL}="`;

interface Buckets {
  /** What stands before the labels. */
  readonly before: string;
  readonly labels: string;
  readonly histogram: ClassicHistogram;
  readonly ends: readonly string[];
  readonly exemplars: ExemplarText | undefined;
}

/** Writes all buckets of a series and returns the count of the last. */
function writeBuckets(page: PageBuffer, { before, labels, histogram, ends, exemplars }: Buckets): number {
  const lineBytes = 3 * (before.length + labels.length) + LAST_LABEL.length + 2 * MAX_NUMBER_BYTES + 4;
  page.reserve(ends.length * (lineBytes + (exemplars?.maxBytes ?? 0)));
  const from = page.position;
  page.write(before);
  page.write(labels);
  page.writeShort(labels === '' ? LAST_LABEL.slice(1) : LAST_LABEL);
  const to = page.position;
  let cumulative = 0;
  for (let index = 0; index < ends.length; index += 1) {
    if (index > 0) page.repeat(from, to);
    cumulative += histogram.counts[index] ?? 0;
    page.writeShort(ends[index] ?? '');
    page.writeNumber(cumulative);
    const exemplar = exemplars?.inBucket(index, histogram.boundaries);
    if (exemplar !== undefined) page.write(exemplar);
    page.writeByte(NEW_LINE);
  }
  return cumulative;
}
