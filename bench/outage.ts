/**
 * A collector that is gone for a minute: what arrives in the end, what is known to be lost, and what the outage costs the
 * program, against upstream's batch processor and exporter.
 *
 * All set-ups at both rates live through the same outage, each with a listener of its own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from './support/options.ts';
import { BENCH, isDuotelBuilt } from './support/peers.ts';
import { answerFrom, cleanEnvironment, stop, track } from './support/processes.ts';
import type { Clause, Figure, Results } from './support/results.ts';
import { type Sink, startSink } from './support/sink.ts';

const RATES = [200, 2000] as const;
const MEBIBYTE = 2 ** 20;
const QUEUE_MEBIBYTES = 16;

/** One window of a program, from the mark before to this one. */
interface Mark {
  readonly made: number;
  readonly cpuMillis: number;
  readonly attempts: number;
  readonly delayMillis: number;
  readonly rss: number;
}

interface Ended {
  readonly made: number;
  readonly toldLost: number;
}

interface Subject {
  readonly name: string;
  readonly pipeline: string;
  readonly rate: number;
  readonly port: number;
  readonly child: ChildProcess;
  readonly stderrLines: () => number;
  readonly marks: Mark[];
  ended?: Ended;
}

/** Times in milliseconds. Recovery: the longest pause between two tries is 12 s ± 20 %. */
const LENGTHS = {
  full: { healthy: 5000, outage: 60_000, back: 20_000 },
  quick: { healthy: 2000, outage: 10_000, back: 10_000 },
} as const;

export async function benchOutage({ quick, peers }: BenchOptions): Promise<Results> {
  const pipelines = ['control', ...(isDuotelBuilt() ? ['duotel'] : []), ...(peers.has('stock') ? ['upstream'] : [])];
  const lengths = quick ? LENGTHS.quick : LENGTHS.full;
  const sink = startSink();
  const subjects: Subject[] = [];
  try {
    for (const rate of RATES) for (const pipeline of pipelines) subjects.push(await startSubject(sink, pipeline, rate));
    await sleep(lengths.healthy);
    await markAll(subjects);
    for (const { name } of subjects) await sink.close(name);
    await sleep((lengths.outage * 2) / 3);
    await markAll(subjects);
    await sleep(lengths.outage / 3);
    await markAll(subjects);
    for (const { name, port } of subjects) await sink.open(name, port);
    await sleep(lengths.back);
    await Promise.all(subjects.map(endSubject));
    const counts = await sink.stats();
    const delivered = (subject: Subject): number => counts[subject.name]?.spans ?? 0;
    return summarize(subjects, delivered, lengths.outage, quick);
  } finally {
    await Promise.all([sink.stop(), ...subjects.map(({ child }) => stop(child))]);
  }
}

async function startSubject(sink: Sink, pipeline: string, rate: number): Promise<Subject> {
  const name = `${pipeline} ${rate}/s`;
  const port = await sink.open(name);
  const env = {
    PIPELINE: pipeline,
    RATE: String(rate),
    PORT: String(port),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${port}/v1/traces`,
    OTEL_SERVICE_NAME: 'bench',
  };
  const child = track(
    fork(join(BENCH, 'programs/outage.mjs'), {
      cwd: BENCH,
      execArgv: ['--expose-gc'],
      env: cleanEnvironment(env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await answerFrom<{ ready?: true }>(child, ({ ready }) => ready === true);
  return { name, pipeline, rate, port, child, marks: [], stderrLines: () => stderr.split('\n').length - 1 };
}

/** One after the other: each collects its garbage, and must not do so in another's window. */
async function markAll(subjects: readonly Subject[]): Promise<void> {
  for (const { child, marks } of subjects) {
    child.send('mark');
    const { marked } = await answerFrom<{ marked: Mark }>(child, (message) => message.marked !== undefined);
    marks.push(marked);
  }
}

async function endSubject(subject: Subject): Promise<void> {
  subject.child.send('end');
  const answer = await answerFrom<{ ended: Ended }>(subject.child, (message) => message.ended !== undefined);
  subject.ended = answer.ended;
}

/** What one set-up has to show at one rate. */
interface Outcome {
  readonly subject: Subject;
  readonly made: number;
  readonly delivered: number;
  readonly toldLost: number;
  /** Memory grown since before the outage, less what the control has grown. */
  readonly lateMebibytes: number;
  readonly lastMebibytes: number;
  readonly attempts: number;
  readonly delayMillis: number;
  /** CPU of the outage, less the control's, as a share of one core. */
  readonly cpuShare: number;
}

function outcomeOf(subject: Subject, control: Subject, delivered: number, outageMillis: number): Outcome {
  const grown = ({ marks }: Subject, moment: number): number => (marks[moment]?.rss ?? 0) - (marks[0]?.rss ?? 0);
  const during = ({ marks }: Subject): Mark[] => marks.slice(1);
  const sum = (of: Subject, pick: (mark: Mark) => number): number =>
    during(of).reduce((total, mark) => total + pick(mark), 0);
  const cpu = (mark: Mark): number => mark.cpuMillis;
  return {
    subject,
    made: subject.ended?.made ?? 0,
    delivered,
    toldLost: subject.ended?.toldLost ?? 0,
    lateMebibytes: (grown(subject, 1) - grown(control, 1)) / MEBIBYTE,
    lastMebibytes: (grown(subject, 2) - grown(control, 2)) / MEBIBYTE,
    attempts: sum(subject, ({ attempts }) => attempts),
    delayMillis: Math.max(...during(subject).map(({ delayMillis }) => delayMillis)),
    cpuShare: (sum(subject, cpu) - sum(control, cpu)) / outageMillis,
  };
}

function summarize(
  subjects: readonly Subject[],
  delivered: (subject: Subject) => number,
  outageMillis: number,
  quick: boolean,
): Results {
  const find = (pipeline: string, rate: number): Subject | undefined =>
    subjects.find((subject) => subject.pipeline === pipeline && subject.rate === rate);
  const outcomes = subjects.map((subject) =>
    outcomeOf(subject, find('control', subject.rate) ?? subject, delivered(subject), outageMillis),
  );
  const of = (pipeline: string, rate: number): Outcome | undefined =>
    outcomes.find(({ subject }) => subject === find(pipeline, rate));
  return {
    bench: 'outage',
    figures: outcomes.map((outcome) => figureOf(outcome, of('upstream', outcome.subject.rate))),
    clauses: RATES.flatMap((rate) => clausesOf(of('duotel', rate), quick)),
    notes: [
      `outage: ${outageMillis / 1000} s, refused; memory and CPU over the control, which ends as many spans without a processor`,
    ],
  };
}

function figureOf(outcome: Outcome, upstream: Outcome | undefined): Figure {
  const { subject, made, delivered, toldLost, attempts, delayMillis } = outcome;
  const isControl = subject.pipeline === 'control';
  const lost = made - delivered;
  const upstreamLost = upstream === undefined ? Number.NaN : upstream.made - upstream.delivered;
  return {
    name: subject.name,
    values: {
      made,
      delivered: isControl ? null : delivered,
      lost: isControl ? null : lost,
      'lost / upstream': isControl ? null : lost / upstreamLost,
      'told lost': isControl ? null : toldLost,
      'MB at 2/3': isControl ? null : outcome.lateMebibytes,
      'MB at end': isControl ? null : outcome.lastMebibytes,
      tries: attempts,
      'stderr lines': subject.stderrLines(),
      'loop delay max ms': delayMillis,
      'cpu %': 100 * outcome.cpuShare,
      'cpu / upstream': isControl ? null : outcome.cpuShare / (upstream?.cpuShare ?? Number.NaN),
    },
  };
}

function clausesOf(outcome: Outcome | undefined, quick: boolean): Clause[] {
  if (outcome === undefined) return [];
  const { subject, made, delivered, toldLost, lateMebibytes, lastMebibytes, attempts } = outcome;
  const at = `at ${subject.rate} spans/s`;
  const untold = Math.abs(made - delivered - toldLost);
  const always: Clause[] = [
    { clause: `connections tried ${at}`, limit: 10, measured: attempts, unit: 'tries' },
    { clause: `lost and not counted, or counted and not lost, ${at}`, limit: 0, measured: untold, unit: 'spans' },
  ];
  if (subject.rate === RATES[0])
    return [{ clause: `lost ${at}`, limit: 0, measured: made - delivered, unit: 'spans' }, ...always];
  // A quick outage ends before the queue is full.
  const flat = quick ? Number.NaN : Math.max(0, lastMebibytes - lateMebibytes);
  return [
    { clause: `memory over the control ${at}`, limit: QUEUE_MEBIBYTES + 10, measured: lastMebibytes, unit: 'MB' },
    { clause: `memory gained in the last third ${at}: flat`, limit: 2, measured: flat, unit: 'MB' },
    ...always,
  ];
}
