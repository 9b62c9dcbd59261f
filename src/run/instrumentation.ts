/**
 * Switches the instrumentations on.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { guard } from '../core/guard.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type { InstrumentationStatus } from '../instrument/decision.ts';
import { type HttpPart, type Instrumentation, instrumentHttp } from '../instrument/http.ts';
import type { HttpOptions, TakeRequest } from '../instrument/http-options.ts';
import type * as InstalledHttpModule from '../instrument/installed-http.ts';
import type * as ConsoleLines from '../instrument/logs/console-lines.ts';
import { settleLogs } from '../instrument/logs/log-settings.ts';
import { instrumentModules, type ModuleInstrumentation } from '../instrument/modules.ts';
import type { ProviderSlots } from './globals.ts';

const load = createRequire(import.meta.url);

/** What is instrumented, and for whom. */
export interface InstrumentOptions {
  /** The same in every run of a process. */
  readonly providers: ProviderSlots;
  readonly config: Pick<Config, 'instrumentations' | 'requests' | 'logs'>;
  /** Answers requests that are telemetry's own business on servers of the application. */
  readonly take: TakeRequest | undefined;
  /** See {@link HttpOptions}. */
  readonly onServerError: HttpOptions['onServerError'];
  readonly given: StartOptions['instrumentations'];
  readonly facts: ProcessFacts;
  readonly isPreload: boolean;
  /** Another SDK has the tracers, and instruments modules itself: two for one module undo each other. */
  readonly isGuest: boolean;
}

/** Running instrumentations. */
export interface Instrumentations {
  readonly status: () => readonly InstrumentationStatus[];
  /** Never throws. */
  stop(): void;
}

/** Starts observing HTTP and the modules of the application; a failure costs the spans, not the program. */
export function instrument(options: InstrumentOptions): Instrumentations {
  const official = guard('instrument.upstream', () => startOfficialHttp(options), undefined);
  const parts = describeHttp(options, official?.found ?? []);
  const http = guard('instrument.http', () => startHttp(options, parts), undefined);
  const modules = options.isGuest ? undefined : guard('instrument.modules', () => startModules(options), undefined);
  const stopLogs = guard('instrument.logs', () => startLogs(options), undefined);
  return {
    status: () => [...parts.values(), ...(modules?.status() ?? [])],
    stop() {
      official?.stop();
      http?.stop();
      modules?.stop();
      stopLogs?.();
    },
  };
}

/** After the modules: loggers of an earlier run, which may have been switched off since, take their settings anew. */
function startLogs({ providers, config: { logs } }: InstrumentOptions): () => void {
  settleLogs(logs.lines);
  const stopConsole = logs.lines.exportConsole ? consoleLines().exportConsole(providers.logs) : undefined;
  return () => {
    stopConsole?.();
    settleLogs();
  };
}

function consoleLines(): typeof ConsoleLines {
  return load('../instrument/logs/console-lines.ts') as typeof ConsoleLines;
}

/** By the names of the official packages: `http` for servers and clients, `undici` for fetch. */
const HTTP_PARTS: readonly HttpPart[] = ['http', 'undici'];

/** The official ones, where they are asked for; `undefined` where another SDK brings its own. */
function startOfficialHttp(options: InstrumentOptions): InstalledHttpModule.InstalledHttp | undefined {
  const { config, providers, isGuest } = options;
  if (config.requests.http !== 'upstream' || isGuest) return undefined;
  const { startInstalledHttp } = load('../instrument/installed-http.ts') as typeof InstalledHttpModule;
  const names = HTTP_PARTS.filter((name) => isChosen(config, name) && !isGiven(options, name));
  return startInstalledHttp({ folder: folderOf(options.facts), names, ignore: config.requests.ignore, providers });
}

function folderOf({ mainScript, workingDirectory }: ProcessFacts): string {
  return mainScript === undefined ? workingDirectory : dirname(mainScript);
}

/** Whether `start()` was given the official instrumentation of that name. */
function isGiven({ given }: InstrumentOptions, name: HttpPart): boolean {
  const names = guard('instrument.given', () => given?.flat().map((part) => part.instrumentationName), undefined);
  return names?.includes(`@opentelemetry/instrumentation-${name}`) === true;
}

/** Who has which half. What is asked for from the application and missing there is ours. */
function describeHttp(
  options: InstrumentOptions,
  official: readonly HttpPart[],
): ReadonlyMap<HttpPart, InstrumentationStatus> {
  const { config, isGuest } = options;
  const decide = (name: HttpPart): InstrumentationStatus => {
    if (official.includes(name)) return { name, source: 'node_modules', state: 'on', modules: [] };
    const isReplaced = isGiven(options, name) || (isGuest && config.requests.http === 'upstream');
    const state = isReplaced ? 'replaced' : isChosen(config, name) ? 'on' : 'disabled';
    return { name, source: 'duotel', state, modules: [] };
  };
  return new Map(HTTP_PARTS.map((name) => [name, decide(name)]));
}

function startHttp(
  { providers, config: { requests }, take, onServerError }: InstrumentOptions,
  parts: ReadonlyMap<HttpPart, InstrumentationStatus>,
): Instrumentation {
  const on = [...parts.values()]
    .filter(({ source, state }) => source === 'duotel' && state === 'on')
    .map(({ name }) => name as HttpPart);
  // A server that is not observed may still have to answer for telemetry.
  const http = on.includes('http') ? 'lean' : 'upstream';
  return instrumentHttp(
    {
      tracerProvider: providers.trace,
      meterProvider: providers.metrics,
      requests: { ...requests, http },
      take,
      onServerError,
    },
    on,
  );
}

function startModules({ providers, config, given, facts, isPreload }: InstrumentOptions): ModuleInstrumentation {
  return instrumentModules({
    providers,
    isChosen: (name) => isChosen(config, name),
    given,
    mainScript: facts.mainScript,
    workingDirectory: facts.workingDirectory,
    isPreload,
  });
}

/** What there is only for its lines. */
const LOGGERS: readonly string[] = ['pino', 'winston', 'bunyan'];

function isChosen({ instrumentations, logs }: InstrumentOptions['config'], name: string): boolean {
  const { enabled, disabled } = instrumentations;
  if (LOGGERS.includes(name) && !logs.lines.inject && !logs.lines.export) return false;
  return enabled?.includes(name) !== false && !disabled.includes(name);
}
