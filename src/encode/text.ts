/**
 * The pages Prometheus scrapes: one metric snapshot as Prometheus text or OpenMetrics.
 *
 * Made in steps, so that a page of 100 000 series need not stop the program.
 * Layer: encode. Loaded at the first scrape. Source: Prometheus "Exposition formats"; OpenMetrics 1.0; OpenTelemetry
 * specification, "Prometheus and OpenMetrics Compatibility".
 */
import type { ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { PageConfig } from '../config/config.ts';
import { degrade } from '../core/guard.ts';
import type { RedactorSource } from './attributes.ts';
import { createNamer, type Namer } from './names.ts';
import { createExemplarText } from './openmetrics-exemplar.ts';
import { OPENMETRICS_END, shapeOpenMetrics } from './openmetrics.ts';
import { ChunkPool, PageBuffer } from './page-buffer.ts';
import { redactValue } from './redact-label.ts';
import { escapeName, LEGACY_LABEL, LEGACY_METRIC } from './text-escaping.ts';
import { type Family, gatherFamilies, type PageRules } from './text-families.ts';
import { type EscapingScheme, type PageFormat, PLAIN_TEXT } from './text-format.ts';
import { createLabelRenderer, labelText, renderLabels } from './text-labels.ts';
import { type FamilyShape, writeFamily } from './text-writer.ts';

/** Makes pages; remembers the labels of series between them. */
export interface PageRenderer {
  /** The page in steps; between two of them the event loop may run. Its result are the bytes, in pieces. */
  render(metrics: ResourceMetrics, format: PageFormat): Generator<void, Buffer[]>;
  /** Takes back a page that nobody reads any more; its bytes become those of the next. Not a duty. */
  giveBack(page: readonly Buffer[]): void;
}

const SCOPE_LABELS: readonly string[] = ['otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url'];

/** Names told once; there are never more of them than names on a page, unless somebody makes them up. */
const MAX_TOLD = 1_000;

/** @param redactorOf - the redactor in force, asked for at each new series; by default there is none */
export function createPageRenderer(
  { translation, scopeLabels = false }: PageConfig = {},
  redactorOf: RedactorSource = () => undefined,
): PageRenderer {
  const namer = createNamer(translation);
  const tell = createTeller();
  const pool = new ChunkPool();
  const labelValue = (key: string, value: unknown): string => {
    const redactor = redactorOf();
    return labelText(redactor === undefined ? value : redactValue(redactor, key, value));
  };
  const rulesByScheme = new Map<EscapingScheme, PageRules>();
  const rulesFor = (escaping: EscapingScheme): PageRules => {
    let rules = rulesByScheme.get(escaping);
    if (rules === undefined)
      rulesByScheme.set(escaping, (rules = createRules({ namer, escaping, scopeLabels, labelValue, tell })));
    return rules;
  };
  const areNamesLegacy = translation === undefined || translation.startsWith('UnderscoreEscaping');
  return {
    render(metrics, format) {
      // Nothing is there to escape, so that one set of remembered labels does for all.
      const escaping = areNamesLegacy && format.escaping !== 'dots' ? 'underscores' : format.escaping;
      return renderPage(metrics, { format, pool, rules: rulesFor(escaping) });
    },
    giveBack: (page) => pool.giveBack(page),
  };
}

/** The whole page of format 0.0.4 at once. */
export function renderText(metrics: ResourceMetrics): string {
  const steps = createPageRenderer().render(metrics, PLAIN_TEXT);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return Buffer.concat(value).toString();
  }
}

interface PageParts {
  readonly format: PageFormat;
  readonly pool: ChunkPool;
  readonly rules: PageRules;
}

function* renderPage(metrics: ResourceMetrics, { format, pool, rules }: PageParts): Generator<void, Buffer[]> {
  const families = yield* gatherFamilies(metrics, rules);
  const page = new PageBuffer(pool);
  const isOpenMetrics = format.syntax === 'openmetrics';
  const shapes = isOpenMetrics ? shapeOpenMetrics(families) : undefined;
  for (const family of families.all) {
    const shape = shapes === undefined ? shapeText(family) : shapes.get(family);
    if (shape === undefined) {
      rules.tell('scrape.metric', family.name, `"${family.name}" cannot stand on an OpenMetrics page`);
    } else {
      yield* writeFamily(page, family, isOpenMetrics ? strictly(shape, rules) : { ...shape, ...LENIENT });
    }
  }
  if (isOpenMetrics) page.append(OPENMETRICS_END);
  return page.take();
}

type Announcement = Pick<FamilyShape, 'name' | 'type' | 'unit'>;

const LENIENT = { exemplarsOf: undefined, isStrict: false } as const;

function shapeText({ name, type }: Family): Announcement {
  return { name, type: type === 'info' ? 'gauge' : type, unit: '' };
}

function strictly(shape: Announcement, rules: PageRules): FamilyShape {
  const takesExemplars = shape.type === 'counter' || shape.type === 'histogram';
  const exemplarsOf: FamilyShape['exemplarsOf'] = ({ exemplars }) => createExemplarText(exemplars ?? [], rules);
  return { ...shape, isStrict: true, exemplarsOf: takesExemplars ? exemplarsOf : undefined };
}

interface RuleParts {
  readonly namer: Namer;
  readonly escaping: EscapingScheme;
  readonly scopeLabels: boolean;
  readonly labelValue: PageRules['labelValue'];
  readonly tell: PageRules['tell'];
}

function createRules({ namer, escaping, scopeLabels, labelValue, tell }: RuleParts): PageRules {
  // Escaping, too, makes names that Prometheus keeps for itself.
  const labelName = (key: string): string =>
    escapeName(namer.labelName(key), escaping, LEGACY_LABEL).replace(/^__+/, '_');
  const reserved = scopeLabels ? SCOPE_LABELS.map(labelName) : [];
  const labels = createLabelRenderer({
    labelName,
    labelValue,
    reserved,
    onCollision: (label) => tell('scrape.merged', label, `attribute keys became the same label "${label}"`),
  });
  return {
    namer,
    escape: (name) => escapeName(name, escaping, LEGACY_METRIC),
    labels,
    labelName,
    labelValue,
    tell,
    scopeLabels: ({ name, version, schemaUrl }: ScopeMetrics['scope']) => {
      const values = [name, version, schemaUrl];
      const shown = reserved.map((label, index) => [label, values[index] ?? ''] as const);
      return renderLabels(new Map(shown.filter(([, value]) => value !== '')));
    },
  };
}

/** Reports each name once, so that the number of reports is the number of names and not that of scrapes. */
function createTeller(): PageRules['tell'] {
  const told = new Set<string>();
  return (site, name, message) => {
    const id = `${site} ${name}`;
    if (told.has(id) || told.size >= MAX_TOLD) return;
    told.add(id);
    degrade(site, new Error(message));
  };
}
