/**
 * Settles what stands on the page that Prometheus scrapes.
 *
 * Layer: config.
 */
import type { PageConfig } from './config.ts';
import type { Reader } from './reader.ts';
import { DUOTEL_METRICS_SCOPE_LABELS, DUOTEL_METRICS_TRANSLATION } from './variables/page.ts';

/** What was asked for; `undefined` when nothing was. */
export function resolvePage(reader: Reader): PageConfig | undefined {
  const translation = reader.given(DUOTEL_METRICS_TRANSLATION);
  const scopeLabels = reader.given(DUOTEL_METRICS_SCOPE_LABELS);
  if (translation === undefined && scopeLabels === undefined) return undefined;
  return { ...(translation !== undefined && { translation }), ...(scopeLabels !== undefined && { scopeLabels }) };
}
