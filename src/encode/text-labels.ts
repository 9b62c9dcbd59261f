/**
 * Labels and escapes of the Prometheus formats.
 *
 * Layer: encode. Source: Prometheus "Exposition formats"; OpenTelemetry specification, "Prometheus and OpenMetrics
 * Compatibility", metric attributes.
 */
import { LEGACY_LABEL } from './text-escaping.ts';

/** Label that says which bucket a sample counts. */
export const BUCKET_LABEL = 'le';

export interface LabelRules {
  /** Name of the label for an attribute key; empty for none. */
  readonly labelName: (key: string) => string;
  /** Value of the label for an attribute; empty for none. */
  readonly labelValue: (key: string, value: unknown) => string;
  /** Labels the page needs itself on every series; an attribute of that name becomes `exported_…`. */
  readonly reserved: readonly string[];
  /** Called when keys of an attribute set became the same label, once for each set. */
  readonly onCollision: (label: string) => void;
}

/**
 * Renders attributes as `a="1",b="2"`, without braces, sorted by label name.
 *
 * The text of an attribute object is kept as long as the object is: the metric store and the SDK hand over the same
 * object for a series in each snapshot.
 */
export interface LabelRenderer {
  series(attributes: object): string;
  /** Where {@link BUCKET_LABEL} is taken. */
  histogram(attributes: object): string;
}

export function createLabelRenderer(rules: LabelRules): LabelRenderer {
  const nameOf = remember(rules.labelName);
  const render = (reserved: readonly string[]): ((attributes: object) => string) => {
    const known = new WeakMap<object, string>();
    return (attributes) => {
      let text = known.get(attributes);
      if (text === undefined) {
        text = renderLabels(collectLabels(attributes, { ...rules, nameOf, reserved }));
        known.set(attributes, text);
      }
      return text;
    };
  };
  return { series: render(rules.reserved), histogram: render([...rules.reserved, BUCKET_LABEL]) };
}

/** Keys are as many as a program has names for them; whoever makes them up at run time costs no memory here. */
const MAX_REMEMBERED_KEYS = 2_000;

function remember(translate: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    let name = known.get(key);
    if (name === undefined) {
      name = translate(key);
      if (known.size < MAX_REMEMBERED_KEYS) known.set(key, name);
    }
    return name;
  };
}

interface Collecting extends Omit<LabelRules, 'labelName'> {
  readonly nameOf: (key: string) => string;
}

function collectLabels(
  attributes: object,
  { nameOf, labelValue, reserved, onCollision }: Collecting,
): Map<string, string> {
  const labels = new Map<string, string>();
  // Keys that become equal share one label; the specification wants their values in the order of the original keys.
  for (const key of Object.keys(attributes).sort()) {
    const name = nameOf(key);
    const value = labelValue(key, (attributes as Record<string, unknown>)[key]);
    // Prometheus cannot tell an empty label from a missing one.
    if (name === '' || value === '') continue;
    const free = reserved.includes(name) ? `exported_${name}` : name;
    const earlier = labels.get(free);
    if (earlier !== undefined) onCollision(free);
    labels.set(free, earlier === undefined ? value : `${earlier};${value}`);
  }
  return labels;
}

/** Labels that are named already, sorted. */
export function renderLabels(labels: ReadonlyMap<string, string>): string {
  return [...labels.keys()]
    .sort()
    .map((name) => `${quoteUnless(LEGACY_LABEL, name)}="${escapeQuoted(labels.get(name) ?? '')}"`)
    .join(',');
}

/** The name, in quotes if it is not one of those that need none. */
export function quoteUnless(legacy: RegExp, name: string): string {
  return legacy.test(name) ? name : `"${escapeQuoted(name)}"`;
}

/** Text of an attribute value by the attribute rules of the specification: arrays and objects as JSON. Never throws. */
export function labelText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? '' : jsonText(value);
    default:
      return '';
  }
}

function jsonText(value: object): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

const NEEDS_CARE = /[\\"\n\0\uD800-\uDFFF]/;

/** Escapes what stands in quotes: label values, and names that need quotes. */
export function escapeQuoted(text: string): string {
  return NEEDS_CARE.test(text) ? escapeText(text).replaceAll('"', '\\"') : text;
}

/**
 * Escapes a help text of the text format.
 *
 * NUL and lone surrogates are valid in no encoding of the page and become U+FFFD.
 */
export function escapeText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
