/**
 * Labels, values and escapes of the Prometheus text format.
 *
 * Layer: encode. Source: Prometheus "Exposition formats"; OpenTelemetry specification, "Prometheus and OpenMetrics
 * Compatibility", metric attributes.
 */
import { prometheusLabelName } from './names.ts';

/**
 * Renders attributes as `a="1",b="2"`, without braces, sorted by label name.
 *
 * @param reserved - label the format needs itself; an attribute of that name becomes `exported_…`
 */
export type LabelRenderer = (attributes: object, reserved?: string) => string;

/** Makes a renderer that translates each attribute key once. */
export function createLabelRenderer(): LabelRenderer {
  const names = new Map<string, string>();
  const nameOf = (key: string): string => {
    let name = names.get(key);
    if (name === undefined) {
      name = prometheusLabelName(key);
      names.set(key, name);
    }
    return name;
  };
  return (attributes, reserved) => {
    const labels = new Map<string, string>();
    // Keys that become equal share one label; the specification wants their values in the order of the original keys.
    for (const key of Object.keys(attributes).sort()) {
      const name = nameOf(key);
      const value = labelText((attributes as Record<string, unknown>)[key]);
      // Prometheus cannot tell an empty label from a missing one.
      if (name === '' || value === '') continue;
      const free = name === reserved ? `exported_${name}` : name;
      const earlier = labels.get(free);
      labels.set(free, earlier === undefined ? value : `${earlier};${value}`);
    }
    return [...labels.keys()]
      .sort()
      .map((name) => `${name}="${escapeLabel(labels.get(name) ?? '')}"`)
      .join(',');
  };
}

/** Text of an attribute value by the attribute rules of the specification: arrays and objects as JSON. Never throws. */
function labelText(value: unknown): string {
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

function escapeLabel(text: string): string {
  return NEEDS_CARE.test(text) ? escapeText(text).replaceAll('"', '\\"') : text;
}

/**
 * Escapes a help text; label values escape quotes on top.
 *
 * NUL and lone surrogates are valid in no encoding of the page and become U+FFFD.
 */
export function escapeText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** A number as Go reads it, which is what every Prometheus does. */
export function formatNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
