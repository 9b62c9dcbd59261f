/**
 * The set-ups whose start-up is measured: which program, which preload, which environment, against which bare program.
 */
import type { Command } from './support/processes.ts';
import { MANY_MODULES_PROGRAM } from './support/many-modules.ts';
import type { Peer } from './support/peers.ts';

export interface StartupSetup extends Command {
  readonly name: string;
  /** Name of the set-up whose cost is taken off. */
  readonly control?: string;
  /** Needs `dist/`. */
  readonly duotel?: boolean;
  readonly peer?: Peer;
}

const CLI = 'programs/cli-bare.mjs';
const CLI_CJS = 'programs/cli-bare.cjs';
const SERVER = 'programs/server.mjs';
const REGISTER = ['--import', 'duotel/register'];
const STOCK = ['--import', './peers/stock.mjs'];

// Nothing listens on the discard port: no set-up sends anything before its first line.
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
const DSN = { SENTRY_DSN: 'http://key@127.0.0.1:9/1' };
const PULL = { OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
const QUIET_DATADOG = {
  DD_TRACE_AGENT_URL: 'http://127.0.0.1:9',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
};

const cli = { program: CLI, control: 'bare cli' };
const server = { program: SERVER, control: 'bare server' };
const INSTRUMENTED = 'programs/cli-instrumentations.mjs';

export const STARTUP_SETUPS: readonly StartupSetup[] = [
  { name: 'bare cli', program: CLI },
  { name: 'bare cli (CommonJS)', program: CLI_CJS },
  { name: 'bare cli with the API', program: 'programs/with-api/cli-bare.mjs' },
  { name: 'bare server', program: SERVER },
  { name: 'bare, 500 ES modules', program: MANY_MODULES_PROGRAM },
  { name: 'import + start()', duotel: true, ...cli, program: 'programs/cli-duotel.mjs' },
  { name: 'import + start(), endpoint', duotel: true, ...cli, program: 'programs/cli-duotel.mjs', env: ENDPOINT },
  {
    name: 'import + start(), API in use',
    duotel: true,
    program: 'programs/with-api/cli-duotel.mjs',
    control: 'bare cli with the API',
  },
  {
    name: 'require + start()',
    duotel: true,
    program: 'programs/cli-duotel.cjs',
    control: 'bare cli (CommonJS)',
  },
  { name: 'register', duotel: true, ...cli, execArgv: REGISTER },
  { name: 'register, endpoint', duotel: true, ...cli, execArgv: REGISTER, env: ENDPOINT },
  {
    name: 'register (CommonJS)',
    duotel: true,
    program: CLI_CJS,
    control: 'bare cli (CommonJS)',
    execArgv: REGISTER,
  },
  { name: 'register, DSN', duotel: true, ...cli, execArgv: REGISTER, env: DSN },
  { name: 'register, disabled', duotel: true, ...cli, execArgv: REGISTER, env: { OTEL_SDK_DISABLED: 'true' } },
  {
    name: 'register, no instrumentation enabled',
    duotel: true,
    ...cli,
    execArgv: REGISTER,
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'nothing' },
  },
  { name: 'start(), 0 instrumentations given', duotel: true, ...cli, program: INSTRUMENTED, args: ['0'] },
  { name: 'start(), 40 instrumentations given', duotel: true, ...cli, program: INSTRUMENTED, args: ['40'] },
  {
    name: 'register, 500 ES modules',
    duotel: true,
    program: MANY_MODULES_PROGRAM,
    control: 'bare, 500 ES modules',
    execArgv: REGISTER,
  },
  { name: 'register, server + pull', duotel: true, ...server, execArgv: REGISTER, env: PULL },
  {
    name: 'register, server + pull, endpoint',
    duotel: true,
    ...server,
    execArgv: REGISTER,
    env: { ...PULL, ...ENDPOINT },
  },
  { name: 'stock', peer: 'stock', ...cli, execArgv: STOCK },
  { name: 'stock, server', peer: 'stock', ...server, execArgv: STOCK },
  { name: 'stock NodeSDK', peer: 'stock', ...cli, execArgv: ['--import', './peers/stock-node-sdk.mjs'] },
  { name: 'stock + Sentry', peer: 'sentry', ...cli, execArgv: STOCK, env: DSN },
  {
    name: 'auto-instrumentations',
    peer: 'auto',
    ...cli,
    execArgv: ['--import', '@opentelemetry/auto-instrumentations-node/register'],
  },
  { name: 'dd-trace', peer: 'ddtrace', ...cli, execArgv: ['--import', 'dd-trace/initialize.mjs'], env: QUIET_DATADOG },
];
