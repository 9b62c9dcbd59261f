/**
 * Writes the reference pages that come from tables in the code: `npm run generate`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './node-versions.mjs';
import { renderConfigurationReference } from './reference-configuration.ts';
import { renderErrorsReference } from './reference-errors.ts';
import { renderMetricNamesReference } from './reference-metric-names.ts';
import { renderNoticesReference } from './reference-notices.ts';
import { renderRuntimeMetricsReference } from './reference-runtime-metrics.ts';

const PAGES = {
  'docs/reference/configuration.md': renderConfigurationReference,
  'docs/reference/errors.md': renderErrorsReference,
  'docs/reference/metric-names.md': renderMetricNamesReference,
  'docs/reference/notices.md': renderNoticesReference,
  'docs/reference/runtime-metrics.md': renderRuntimeMetricsReference,
};

for (const [page, render] of Object.entries(PAGES)) writeFileSync(join(ROOT, page), render());
