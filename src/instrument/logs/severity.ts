/**
 * Severity numbers of the levels of a logger, those the application made up included.
 *
 * A level is known by its name. One that is not lies between known ones by its rank, and gets a number between theirs.
 * Layer: instrument. Source: OpenTelemetry logs data model, appendix B.
 */
import { SeverityNumber } from '@opentelemetry/api';

/** Names of pino, bunyan, winston (npm, cli), syslog and those people often add. */
const KNOWN: Readonly<Record<string, number>> = {
  silly: SeverityNumber.TRACE,
  trace: SeverityNumber.TRACE,
  input: SeverityNumber.TRACE2,
  prompt: SeverityNumber.TRACE3,
  debug: SeverityNumber.DEBUG,
  verbose: SeverityNumber.DEBUG2,
  http: SeverityNumber.DEBUG3,
  info: SeverityNumber.INFO,
  informational: SeverityNumber.INFO,
  data: SeverityNumber.INFO,
  help: SeverityNumber.INFO,
  notice: SeverityNumber.INFO2,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  err: SeverityNumber.ERROR,
  crit: SeverityNumber.ERROR2,
  critical: SeverityNumber.ERROR2,
  alert: SeverityNumber.ERROR3,
  fatal: SeverityNumber.FATAL,
  emerg: SeverityNumber.FATAL,
  emergency: SeverityNumber.FATAL,
};

/** Each at its own number, from 0. */
const SEVERITIES = Object.values(SeverityNumber).filter((value): value is SeverityNumber => typeof value === 'number');

/** A level and how grave it is; more is graver. */
type Level = readonly [name: string, rank: number];

/** Distance of WARN and ERROR. */
const BAND = 4;
const LOWEST = 1;
const HIGHEST = 24;

/** Gives the severity number of a rank. */
export type Scale = (rank: number) => SeverityNumber;

/** Makes the scale of these levels; without a known name among them, all are `INFO`. */
export function createScale(levels: readonly Level[]): Scale {
  const anchors = levels
    .map(([name, rank]) => ({ rank, severity: KNOWN[name.toLowerCase()] }))
    .filter((level): level is Anchor => level.severity !== undefined && Number.isFinite(level.rank))
    .toSorted((a, b) => a.rank - b.rank);
  const known = new Map(anchors.map(({ rank, severity }) => [rank, severity]));
  return (rank) => SEVERITIES[known.get(rank) ?? between(anchors, rank)] ?? SeverityNumber.UNSPECIFIED;
}

interface Anchor {
  readonly rank: number;
  readonly severity: number;
}

/** Beyond the gravest and the slightest that are known, one band further. */
function between(anchors: readonly Anchor[], rank: number): number {
  const below = anchors.findLast((anchor) => anchor.rank < rank);
  const above = anchors.find((anchor) => anchor.rank > rank);
  if (below === undefined) return above === undefined ? SeverityNumber.INFO : Math.max(LOWEST, above.severity - BAND);
  if (above === undefined) return Math.min(HIGHEST, below.severity + BAND);
  const share = (rank - below.rank) / (above.rank - below.rank);
  return Math.floor(below.severity + share * (above.severity - below.severity));
}
