/**
 * Says which variables ask for something this version does not have: one line per feature, none for harmless values.
 *
 * Layer: config.
 */
import type { Reader } from './reader.ts';
import type { Unavailable, Variable } from './variable.ts';
import { VARIABLES } from './variables/index.ts';

const WITH_MISSING_FEATURE: readonly (Variable & { readonly unavailable: Unavailable })[] = VARIABLES.filter(
  (variable): variable is Variable & { readonly unavailable: Unavailable } => variable.unavailable !== undefined,
);

/** Validates every variable of a missing feature and reports the features that are asked for. */
export function reportUnavailable(reader: Reader): void {
  const asked = new Map<string, { readonly names: string[]; readonly instead: string }>();
  for (const variable of WITH_MISSING_FEATURE) {
    const { feature, instead, harmless } = variable.unavailable;
    if (reader.given(variable) === undefined) continue;
    if (harmless?.includes(reader.text(variable)?.text.toLowerCase() ?? '')) continue;
    const entry = asked.get(feature) ?? { names: [], instead };
    entry.names.push(variable.name);
    asked.set(feature, entry);
  }
  for (const [feature, { names, instead }] of asked) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_FEATURE_UNAVAILABLE',
      message: `${names.join(', ')}: this version does not have ${feature}. ${instead}`,
    });
  }
}
