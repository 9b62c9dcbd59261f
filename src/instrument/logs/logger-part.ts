/**
 * What the instrumentations of all loggers have in common: the official one puts ids of the trace into lines, ours puts
 * the id of the request beside them and exports the records.
 *
 * The official ways to export parse or format every line before its severity is looked at, take streams out of the
 * application's hands (`logger.flush()` of pino does nothing then) and need a package more for winston.
 * Layer: instrument.
 */
import type { Context } from '@opentelemetry/api';
import { requestOf } from '../../request/request-context.ts';
import { REQUEST_ID } from './line-attributes.ts';
import { followLogs, logSettings } from './log-settings.ts';
import { LogSource } from './log-source.ts';

/** Patches the exports of a module or file. */
export type Patch = (exports: unknown, version?: string) => unknown;

/** A module of an official instrumentation, structurally. */
export interface Definition {
  readonly supportedVersions: readonly string[];
  patch?: Patch | undefined;
  readonly files: readonly { patch: Patch; unpatch: (exports: unknown) => void }[];
}

/** The official instrumentation of a logger, structurally. */
interface OfficialPart {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  setConfig(config: { readonly disableLogSending: boolean; readonly disableLogCorrelation: boolean }): void;
  isEnabled(): boolean;
}

/** One instrumented logger package. */
export class LoggerPart {
  readonly source: LogSource;
  readonly #official: OfficialPart;

  constructor(official: OfficialPart) {
    this.#official = official;
    this.source = new LogSource(official.instrumentationName, official.instrumentationVersion);
    followLogs(({ inject }) =>
      official.setConfig({ disableLogSending: true, disableLogCorrelation: !inject || !official.isEnabled() }),
    );
  }

  /** Whether its lines become records. */
  get exports(): boolean {
    return logSettings().export && this.#official.isEnabled();
  }

  /** Adds the id of the request to the fields of a line that is written there, unless they have one. */
  addRequestId(fields: object, scope: Context): void {
    if (!logSettings().inject || !this.#official.isEnabled() || Object.hasOwn(fields, REQUEST_ID)) return;
    const request = requestOf(scope);
    if (request !== undefined) (fields as Record<string, unknown>)[REQUEST_ID] = request.id;
  }
}

/** Lets `after` see what the official patch gives. */
export function extendPatch<T>(patch: Patch, after: (patched: T) => T): Patch {
  return (exports, version) => after(patch(exports, version) as T);
}
