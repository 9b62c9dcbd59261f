/**
 * Programs that log, for the tests of loggers.
 */
/** Each is installed as `pino8`, … */
export const PINO_MAJORS: readonly string[] = ['8', '9', '10'];
/** What is installed for them. */
export const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.10.0',
  ...PINO_MAJORS.map((major) => `pino${major}@npm:pino@${major}`),
  'pino-pretty@13',
  'winston@3',
  'bunyan@1',
];

/** Logs inside a span, then in a request with an id that is ignored, so that it has no span. */
const around = (imports: string, line: string): string => `
import http from 'node:http';
import { trace } from '@opentelemetry/api';
${imports}
const logAll = () => { ${line} };
trace.getTracer('app').startActiveSpan('root', (span) => { logAll(); span.end(); });
const server = http.createServer((request, response) => { logAll(); response.end(); });
server.listen(0, '127.0.0.1', () => {
  const path = { port: server.address().port, path: '/health', headers: { 'x-request-id': 'asked-1' }, agent: false };
  http.get(path, (response) => { response.resume(); server.close(); });
});
`;

/** Three lines each time, one with an error. */
export const PINO: string = around(
  `import pino from 'pino';
const log = pino({ base: null, timestamp: false, customLevels: { audit: 35 }, redact: ['street'] });
const child = log.child({ part: 'child' });`,
  `log.info({ user: { id: 7, tags: ['a'] }, street: 's' }, 'hello %s', 'you');
   log.audit('checked');
   child.error(Object.assign(new TypeError('why'), { code: 'E1' }), 'failed');`,
);
/** Three lines each time, one with an error; two transports print them. */
export const WINSTON: string = around(
  `import winston from 'winston';
const { combine, splat, json } = winston.format;
const transports = [new winston.transports.Console(), new winston.transports.Console({ forceConsole: true })];
const levels = { ...winston.config.npm.levels, audit: 1.5 };
const log = winston.createLogger({ levels, format: combine(splat(), json()), transports });
const child = log.child({ part: 'child' });`,
  `log.info('hello %s', 'you', { user: { id: 7, tags: ['a'] } });
   log.audit('checked');
   log.debug('too slight for its transports');
   child.error('failed', Object.assign(new TypeError('why'), { code: 'E1' }));`,
);
/** Two lines each time, one with an error. */
export const BUNYAN: string = around(
  `import bunyan from 'bunyan';
const log = bunyan.createLogger({ name: 'app', serializers: bunyan.stdSerializers });
const child = log.child({ part: 'child' });`,
  `log.info({ user: { id: 7, tags: ['a'] } }, 'hello %s', 'you');
   log.debug('too slight for its streams');
   child.error(Object.assign(new TypeError('why'), { code: 'E1' }), 'failed');`,
);
