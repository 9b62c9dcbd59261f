/**
 * Exemplars as OpenMetrics writes them: ` # {trace_id="…",span_id="…"} value timestamp`.
 *
 * Layer: encode. Source: OpenMetrics 1.0 "Exemplars"; OpenTelemetry specification, "Prometheus and OpenMetrics
 * Compatibility", exemplars.
 */
import { guard } from '../core/guard.ts';
import { formatNumber } from './page-buffer.ts';
import { type LabelRules, labelText, renderLabels } from './text-labels.ts';

/** One measurement, and the span it was made in. */
export interface Exemplar {
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly timeMillis: number;
  /** In hexadecimal digits. */
  readonly traceId?: string;
  readonly spanId?: string;
  /** Attributes of the measurement that its series has not. */
  readonly attributes?: object;
}

/** How attributes become labels. */
export type AttributeRules = Pick<LabelRules, 'labelName' | 'labelValue'>;

/** Exemplars of one series, rendered when they are asked for. */
export interface ExemplarText {
  readonly newest: string | undefined;
  /** Text of the newest exemplar whose value falls into a bucket. */
  inBucket(index: number, boundaries: readonly number[]): string | undefined;
  /** No text is longer, in UTF-8. */
  readonly maxBytes: number;
}

/** No date is later. */
const MAX_TIME_MILLIS = 8.64e15;

/** Longest set of labels, in characters of names and values together. */
const MAX_LABEL_RUNES = 128;

/** Labels of four bytes per character at most, their quotes and escapes, and two numbers. */
const MAX_BYTES = 4 * 2 * MAX_LABEL_RUNES + 6 * MAX_LABEL_RUNES + 64;

/** Text of exemplars as a snapshot has them; what is none is left out. */
export function createExemplarText(given: readonly unknown[], rules: AttributeRules): ExemplarText {
  const exemplars = given.filter(isExemplar);
  const textOf = (exemplar: Exemplar | undefined): string | undefined =>
    exemplar && guard('scrape.metric', () => renderExemplar(exemplar, rules), undefined);
  return {
    maxBytes: MAX_BYTES,
    get newest() {
      return textOf(newestOf(exemplars));
    },
    inBucket(index, boundaries) {
      const low = index === 0 ? -Infinity : (boundaries[index - 1] ?? Infinity);
      const high = boundaries[index] ?? Infinity;
      return textOf(newestOf(exemplars.filter(({ value }) => value > low && value <= high)));
    },
  };
}

function isExemplar(given: unknown): given is Exemplar {
  if (typeof given !== 'object' || given === null) return false;
  const { value, timeMillis } = given as Partial<Exemplar>;
  // NaN and infinities say nothing about a bucket.
  return Number.isFinite(value) && Math.abs(timeMillis ?? Number.NaN) <= MAX_TIME_MILLIS;
}

function newestOf(exemplars: readonly Exemplar[]): Exemplar | undefined {
  let newest: Exemplar | undefined;
  for (const exemplar of exemplars)
    if (newest === undefined || exemplar.timeMillis >= newest.timeMillis) newest = exemplar;
  return newest;
}

function renderExemplar({ value, timeMillis, ...rest }: Exemplar, rules: AttributeRules): string {
  const timestamp = (timeMillis / 1000).toFixed(3);
  return ` # {${exemplarLabels(rest, rules)}} ${formatNumber(value)} ${timestamp}`;
}

/** Ids first; then as many attributes as may be there. */
function exemplarLabels(
  { traceId, spanId, attributes }: Omit<Exemplar, 'value' | 'timeMillis'>,
  { labelName, labelValue }: AttributeRules,
): string {
  const labels = new Map<string, string>();
  let left = MAX_LABEL_RUNES;
  const add = (name: string, value: string): void => {
    if (name === '' || value === '' || labels.has(name)) return;
    const runes = Array.from(name).length + Array.from(value.slice(0, MAX_LABEL_RUNES + 1)).length;
    if (runes > left) return;
    left -= runes;
    labels.set(name, value);
  };
  add('trace_id', labelText(traceId));
  add('span_id', labelText(spanId));
  for (const [key, value] of Object.entries(attributes ?? {})) add(labelName(key), labelValue(key, value));
  return renderLabels(labels);
}
