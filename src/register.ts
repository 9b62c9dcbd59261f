/**
 * The preload: `node --import duotel/register app.js`. Starts telemetry before the application's first line.
 *
 * What is switched off costs nothing: the rest is loaded only when it will run.
 */
import { createRequire } from 'node:module';
import type * as Preload from './run/preload.ts';
import { isTooling } from './run/tooling.ts';

const load = createRequire(import.meta.url);

if (!isDisabled(process.env['OTEL_SDK_DISABLED']) && !isTooling(process.argv[1])) {
  const { startPreloaded } = load('./run/preload.ts') as typeof Preload;
  startPreloaded();
}

function isDisabled(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}
