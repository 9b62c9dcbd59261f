/**
 * Variables of the page that Prometheus scrapes: what things are called on it.
 *
 * Layer: config.
 */
import type { TranslationStrategy } from '../config.ts';
import { toggle } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

const STRATEGIES: readonly TranslationStrategy[] = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
];

/** Configuration files write `no_translation/development` for what Prometheus calls `NoTranslation`. */
const plain = (word: string): string => word.toLowerCase().replace('/development', '').replaceAll('_', '');

export const DUOTEL_METRICS_TRANSLATION: DefaultedVariable<TranslationStrategy> = {
  name: 'DUOTEL_METRICS_TRANSLATION',
  section: 'Metrics',
  kind: {
    expects: `one of ${STRATEGIES.join(', ')}`,
    parse: (value) => STRATEGIES.find((strategy) => plain(strategy) === plain(value)),
  },
  default: 'UnderscoreEscapingWithSuffixes',
  description:
    'How names become Prometheus names on the page, as in `translation_strategy` of Prometheus. ' +
    'Set it to what your back end does with OTLP, or a metric has two names.',
  source: 'duotel',
};

export const DUOTEL_METRICS_SCOPE_LABELS: DefaultedVariable<boolean> = {
  name: 'DUOTEL_METRICS_SCOPE_LABELS',
  section: 'Metrics',
  kind: toggle,
  default: 'false',
  description: 'true puts the instrumentation scope on every series of the page, as otel_scope_name and so on.',
  source: 'duotel',
};

export const PAGE_VARIABLES: readonly Variable[] = [DUOTEL_METRICS_TRANSLATION, DUOTEL_METRICS_SCOPE_LABELS];
