/**
 * Small programs with one error each, for every way an application can have Sentry.
 */

/** Whose Sentry captures the error. */
export const APPLICATIONS = {
  /** No Sentry in the program. */
  'captureError()': { begin: '', capture: 'duotel.captureError', isPreloaded: true },
  'imports it': { begin: '', capture: 'Sentry.captureException', isPreloaded: true },
  'init() after us': {
    begin: 'Sentry.init({ dsn: process.env.APP_DSN });',
    capture: 'Sentry.captureException',
    isPreloaded: true,
  },
  'init() before us': {
    begin: 'Sentry.init({ dsn: process.env.APP_DSN }); duotel.start();',
    capture: 'Sentry.captureException',
    isPreloaded: false,
  },
  'init() with tracing': {
    begin: 'Sentry.init({ dsn: process.env.APP_DSN, tracesSampleRate: 0.9 });',
    capture: 'Sentry.captureException',
    isPreloaded: true,
  },
} as const;

export type ApplicationName = keyof typeof APPLICATIONS;

/** How the program ends, and where its error is. `CAPTURE` stands for a call. */
const PROGRAMS = {
  server: `
    const http = require('node:http');
    const server = http.createServer((request, response) => {
      CAPTURE(new Error('broken'));
      response.end();
    });
    server.listen(0, '127.0.0.1', async () => {
      await new Promise((resolve) => http.get('http://127.0.0.1:' + server.address().port + '/orders', (response) => {
        response.resume().on('end', resolve);
      }));
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 150);
    });`,
  CLI: `
    api.trace.getTracer('t').startActiveSpan('work', (span) => {
      CAPTURE(new Error('broken'));
      span.end();
    });`,
  crash: `
    api.trace.getTracer('t').startActiveSpan('work', (span) => {
      span.end();
      setTimeout(() => { throw new Error('broken'); }, 5);
    });`,
} as const;

export type ProgramName = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[];

/** Source, CommonJS. */
export function sourceOf(application: ApplicationName, program: ProgramName): string {
  const { begin, capture } = APPLICATIONS[application];
  const isUsing = application !== 'captureError()';
  return `
    ${isUsing ? "const Sentry = require('@sentry/node');" : ''}
    const duotel = require('duotel');
    const api = require('@opentelemetry/api');
    ${begin}
    ${PROGRAMS[program].replace('CAPTURE', capture)}`;
}
