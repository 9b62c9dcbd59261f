/** A Python environment with the official OpenTelemetry SDK, the strict Prometheus parser and Sentry's own check of events. */
import { join } from 'node:path';
import { run } from './recipe.ts';

const REQUIREMENTS = join(import.meta.dirname, '..', 'python', 'requirements.txt');

export async function bringPython(dir: string): Promise<void> {
  await run('python3', ['-m', 'venv', dir]);
  await run(join(dir, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', REQUIREMENTS]);
}
