/**
 * The official instrumentations of HTTP and fetch, as the application has installed them (`DUOTEL_HTTP=upstream`).
 *
 * Layer: instrument. Loaded when they are asked for.
 */
import type { IncomingMessage } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { degrade, guard } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import { isOwn } from '../core/own-traffic.ts';
import type { HttpPart } from './http.ts';
import { createIgnoreRule, type IgnoreRule } from './ignore-rule.ts';
import { createInstalled } from './installed-parts.ts';
import { connect, type InstrumentationPart, type Providers } from './instrumentation-part.ts';

/** Where to look, and for what. */
export interface InstalledHttpOptions {
  /** Folder of the program; `node_modules` of it and of those above it are looked at. */
  readonly folder: string;
  readonly names: readonly HttpPart[];
  /** Paths of requests without spans and metrics, as for our own instrumentation. */
  readonly ignore: readonly string[];
  readonly providers: Providers;
}

/** Those in use. */
export interface InstalledHttp {
  readonly found: readonly HttpPart[];
  /** Disables them. Never throws. */
  readonly stop: () => void;
}

/** What they patch stays patched: one of each for the life of the process, enabled by each run. */
const made = new Map<HttpPart, InstrumentationPart>();

/** The rule of the current run. */
let isIgnored: IgnoreRule = () => false;

/** Uses those that are there; names the missing ones in one line, with the remedy. Never throws. */
export function startInstalledHttp({ folder, names, ignore, providers }: InstalledHttpOptions): InstalledHttp {
  isIgnored = createIgnoreRule(ignore);
  const missing: string[] = [];
  const found = names.filter((name) => {
    try {
      use(name, folder, providers);
      return true;
    } catch (cause) {
      if (!isMissing(cause, packageOf(name))) degrade(`instrument.${name}`, cause);
      missing.push(name);
      return false;
    }
  });
  if (missing.length > 0) report(missing.map(packageOf));
  return {
    found,
    stop() {
      for (const name of found) guard(`instrument.${name}`, () => made.get(name)?.disable(), undefined);
    },
  };
}

function packageOf(name: string): string {
  return `@opentelemetry/instrumentation-${name}`;
}

/** Throws what the package throws, and `MODULE_NOT_FOUND` when there is none. */
function use(name: HttpPart, folder: string, providers: Providers): void {
  const known = made.get(name);
  const part = known ?? createInstalled(folder, packageOf(name), SETTINGS[name]);
  connect(part, providers);
  if (known !== undefined) part.enable();
  made.set(name, part);
  if (name !== 'http') return;
  // It patches a module when it is required, and does not hear of what ES modules import: those are given the patched
  // functions.
  const require = createRequire(join(folder, 'package.json'));
  for (const builtin of ['http', 'https']) require(builtin);
  syncBuiltinESMExports();
}

/** Telemetry's own requests leave no trace: their spans would not be recorded anyway, but they would be measured. */
const SETTINGS = {
  http: {
    ignoreOutgoingRequestHook: isSuppressed,
    ignoreIncomingRequestHook: (request: IncomingMessage) => isOfOwnServer(request) || isIgnored(request),
  },
  undici: { ignoreRequestHook: isSuppressed },
} as const;

function isSuppressed(): boolean {
  return isTracingSuppressed(context.active());
}

/** `server` is undocumented; where it is missing, the paths of probes and scrapes are ignored all the same. */
function isOfOwnServer({ socket }: IncomingMessage): boolean {
  const { server } = socket as { readonly server?: unknown };
  return typeof server === 'object' && server !== null && isOwn(server);
}

function isMissing(cause: unknown, name: string): boolean {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}

function report(packages: readonly string[]): void {
  notify({
    code: 'DUOTEL_HTTP_UPSTREAM_MISSING',
    message: `${packages.join(' and ')} cannot be loaded from the application; duotel observes that part itself. Run \`npm install ${packages.join(' ')}\`, or remove DUOTEL_HTTP=upstream.`,
    key: packages.join(),
  });
}
