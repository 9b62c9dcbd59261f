/** Starts the applications of `test/e2e/apps`, with the preload of this checkout or without it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, launch, waitFor, type Owner, type Running } from './backends.ts';

export const ROOT: string = join(import.meta.dirname, '..', '..');
export const APPS: string = join(ROOT, 'test', 'e2e', 'apps');

export interface AppOptions {
  /** Added to a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** `false` runs the control: the same application without telemetry. Default: true. */
  readonly preload?: boolean;
  /** Node.js binary. Default: the running one. */
  readonly node?: string;
}

/** A server application; it prints the port it listens on as its first line. */
export interface App extends Running {
  readonly url: string;
}

/** Fast exports, so that a test does not have to wait for the defaults of a minute. */
export const FAST_EXPORT: Readonly<Record<string, string>> = {
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
  OTEL_METRIC_EXPORT_INTERVAL: '400',
  OTEL_METRIC_EXPORT_TIMEOUT: '400',
};

/** Arguments that run an application of `test/e2e/apps` in this checkout. */
export function appArguments(name: string, preload: boolean = true): string[] {
  if (preload && !existsSync(join(ROOT, 'dist', 'register.js'))) throw new Error('dist/ is missing: npm run build');
  return [...(preload ? ['--import', './telemetry'] : []), join(APPS, name)];
}

/** Starts an application that ends by itself, or that the test ends. */
export function launchApp(owner: Owner, name: string, options: AppOptions = {}): Running {
  const { env = {}, preload = true, node = process.execPath } = options;
  const ownPort = { OTEL_EXPORTER_PROMETHEUS_PORT: '0' }; // the default port may be taken by another test
  return launch(owner, node, appArguments(name, preload), { cwd: ROOT, env: cleanEnvironment({ ...ownPort, ...env }) });
}

/** Starts a server application and waits for its port. */
export async function startApp(owner: Owner, name: string, options: AppOptions = {}): Promise<App> {
  const running = launchApp(owner, name, options);
  const port = await waitFor(`the port of ${name}`, () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
  return { ...running, url: `http://127.0.0.1:${port}` };
}
