/**
 * The table: every variable this package knows, in the order of the documentation.
 *
 * Layer: config.
 */
import type { Variable } from '../variable.ts';
import { BATCH_VARIABLES } from './batch.ts';
import { DUOTEL_VARIABLES } from './duotel.ts';
import { ERROR_VARIABLES } from './errors.ts';
import { GENERAL_VARIABLES } from './general.ts';
import { GRAFANA_VARIABLES } from './grafana.ts';
import { LIMIT_VARIABLES } from './limits.ts';
import { LOG_VARIABLES } from './logs.ts';
import { METRIC_LIMIT_VARIABLES } from './metric-limits.ts';
import { METRICS_VARIABLES } from './metrics.ts';
import { OTLP_VARIABLES } from './otlp.ts';
import { PAGE_VARIABLES } from './page.ts';
import { REDACTION_VARIABLES } from './redaction.ts';
import { REQUEST_VARIABLES } from './requests.ts';
import { SCRAPE_VARIABLES } from './scrape.ts';
import { SENTRY_VARIABLES } from './sentry.ts';
import { TRACE_LINK_VARIABLES } from './trace-links.ts';
import { TRACES_VARIABLES } from './traces.ts';

export const VARIABLES: readonly Variable[] = [
  ...GENERAL_VARIABLES,
  ...OTLP_VARIABLES,
  ...TRACES_VARIABLES,
  ...LIMIT_VARIABLES,
  ...BATCH_VARIABLES,
  ...LOG_VARIABLES,
  ...METRICS_VARIABLES,
  ...METRIC_LIMIT_VARIABLES,
  ...SCRAPE_VARIABLES,
  ...PAGE_VARIABLES,
  ...REQUEST_VARIABLES,
  ...ERROR_VARIABLES,
  ...REDACTION_VARIABLES,
  ...GRAFANA_VARIABLES,
  ...TRACE_LINK_VARIABLES,
  ...SENTRY_VARIABLES,
  ...DUOTEL_VARIABLES,
];
