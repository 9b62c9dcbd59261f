/**
 * A strict parser of the Prometheus text format 0.0.4: refuses whatever any scraper may refuse.
 *
 * Shares nothing with the renderer. Beyond the grammar it checks what Prometheus and its linters check later: one type
 * per name before its samples, samples of a family in one block, no series and no label twice, whole histograms.
 */

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string | undefined;
  readonly samples: ParsedSample[];
}

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(?:NaN|[+-]Inf|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** Families by name. @throws Error naming the first line that is wrong */
export function parsePrometheus(page: Uint8Array | string): Map<string, ParsedFamily> {
  const text =
    typeof page === 'string' ? page : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(page);
  if (!text.isWellFormed()) throw new Error('the page is not valid Unicode');
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, ParsedFamily>();
  const series = new Set<string>();
  let current: ParsedFamily | undefined;
  let help: { name: string; text: string } | undefined;
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    try {
      if (line.startsWith('# HELP ')) {
        const [, name = '', rest = ''] = /^# HELP ([^ ]+) (.*)$/s.exec(line) ?? [];
        check(NAME.test(name), 'bad name in HELP');
        check(!families.has(name) && help === undefined, 'HELP twice or late');
        help = { name, text: unescape(rest, false) };
      } else if (line.startsWith('# TYPE ')) {
        const [, name = '', type = ''] = /^# TYPE ([^ ]+) ([a-z]+)$/.exec(line) ?? [];
        check(NAME.test(name) && TYPES.has(type), 'bad TYPE');
        check(!families.has(name), 'TYPE twice');
        check(help === undefined || help.name === name, 'HELP of another name');
        current = { name, type, help: help?.text, samples: [] };
        help = undefined;
        families.set(name, current);
      } else {
        check(help === undefined, 'HELP without TYPE');
        const sample = parseSample(line);
        check(current !== undefined && belongs(sample.name, current), 'sample outside its family');
        const id = sample.name + labelId(sample.labels);
        check(!series.has(id), 'series twice');
        series.add(id);
        current?.samples.push(sample);
      }
    } catch (cause) {
      throw new Error(`line ${index + 1}: ${(cause as Error).message}: ${line.slice(0, 200)}`, { cause });
    }
  }
  checkFamilies(families);
  return families;
}

function labelId(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

function belongs(sample: string, { name, type }: ParsedFamily): boolean {
  if (type !== 'histogram') return sample === name;
  return sample === `${name}_bucket` || sample === `${name}_sum` || sample === `${name}_count`;
}

function parseSample(line: string): ParsedSample {
  const brace = line.indexOf('{');
  const nameEnd = brace < 0 ? line.indexOf(' ') : brace;
  const name = line.slice(0, nameEnd);
  check(NAME.test(name), 'bad metric name');
  const labels: Record<string, string> = {};
  let position = nameEnd;
  if (brace >= 0) {
    position += 1;
    while (line[position] !== '}') {
      const equals = line.indexOf('="', position);
      check(equals > 0, 'label without value');
      const label = line.slice(position, equals);
      check(LABEL.test(label), 'bad label name');
      check(!label.startsWith('__'), 'reserved label name');
      check(!Object.hasOwn(labels, label), 'label twice');
      let end = equals + 2;
      while (line[end] !== '"') {
        check(end < line.length, 'label value does not end');
        end += line[end] === '\\' ? 2 : 1;
      }
      labels[label] = unescape(line.slice(equals + 2, end), true);
      check(labels[label] !== '', 'empty label value');
      position = end + 1;
      check(line[position] === ',' || line[position] === '}', 'no comma after label');
      if (line[position] === ',') {
        position += 1;
        check(line[position] !== '}', 'comma without label');
      }
    }
    position += 1;
  }
  check(line[position] === ' ', 'no space before the value');
  return { name, labels, value: parseNumber(line.slice(position + 1)) };
}

function parseNumber(text: string): number {
  check(NUMBER.test(text), 'bad value');
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

function unescape(text: string, quotes: boolean): string {
  check(!text.includes('\0'), 'NUL');
  return text.replaceAll(/\\(.?)/gs, (_all, escaped: string) => {
    if (escaped === 'n') return '\n';
    check(escaped === '\\' || (quotes && escaped === '"'), 'unknown escape');
    return escaped;
  });
}

function checkFamilies(families: ReadonlyMap<string, ParsedFamily>): void {
  for (const family of families.values()) {
    const { name, type, samples } = family;
    check(samples.length > 0, `${name}: no samples`);
    if (type === 'histogram') {
      for (const suffix of ['_bucket', '_sum', '_count'])
        check(!families.has(name + suffix), `${name}${suffix} is taken`);
      checkHistogram(family);
    }
  }
}

function checkHistogram({ name, samples }: ParsedFamily): void {
  const bySeries = Map.groupBy(samples, ({ labels: { le: _le, ...labels } }) => labelId(labels));
  for (const group of bySeries.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const counts = group.filter((sample) => sample.name === `${name}_count`);
    check(counts.length === 1 && buckets.length > 0, `${name}: incomplete`);
    let bound = Number.NEGATIVE_INFINITY;
    let cumulative = 0;
    for (const { labels, value } of buckets) {
      const next = parseNumber(labels['le'] ?? '');
      check(next > bound, `${name}: bounds do not rise`);
      check(value >= cumulative, `${name}: buckets fall`);
      bound = next;
      cumulative = value;
    }
    check(bound === Number.POSITIVE_INFINITY, `${name}: no +Inf bucket`);
    check(counts[0]?.value === cumulative, `${name}: count is not the last bucket`);
    check(
      counts.every(({ labels }) => !('le' in labels)),
      `${name}: le outside buckets`,
    );
  }
}
