/** Packages that listen to signals and exits for others, real ones: they clean up, and we deliver, whoever comes first. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, waitFor, suiteOwner } from '../support/backends.ts';

/** By npm name and version; both versions of signal-exit are in wide use. */
const PACKAGES = [
  'signal-exit-4@npm:signal-exit@4.1.0',
  'signal-exit-3@npm:signal-exit@3.0.7',
  'exit-hook@4.0.0',
  'async-exit-hook@2.0.1',
];

/** How each is asked to clean up. */
const HOOKS: Readonly<Record<string, { readonly imports: string; readonly hook: string }>> = {
  'signal-exit 4': {
    imports: `import { onExit } from 'signal-exit-4';`,
    hook: `onExit((code, signal) => console.log('cleaned', code, signal));`,
  },
  'signal-exit 3': {
    imports: `import onExit from 'signal-exit-3';`,
    hook: `onExit((code, signal) => console.log('cleaned', code, signal));`,
  },
  'both versions of signal-exit': {
    imports: `import { onExit } from 'signal-exit-4'; import onExit3 from 'signal-exit-3';`,
    hook: `onExit(() => console.log('cleaned')); onExit3(() => console.log('cleaned too'));`,
  },
  'exit-hook': { imports: `import exitHook from 'exit-hook';`, hook: `exitHook(() => console.log('cleaned'));` },
  'exit-hook, asynchronous': {
    imports: `import { asyncExitHook } from 'exit-hook';`,
    hook: `asyncExitHook(async () => { await new Promise((resolve) => setTimeout(resolve, 100)); console.log('cleaned'); }, { wait: 500 });`,
  },
  'async-exit-hook': {
    imports: `import exitHook from 'async-exit-hook';`,
    hook: `exitHook((done) => setTimeout(() => { console.log('cleaned'); done(); }, 100));`,
  },
};

const ENDS = {
  SIGTERM: `setInterval(() => {}, 1000); console.log('ready');`,
  SIGINT: `setInterval(() => {}, 1000); console.log('ready');`,
  'process.exit(3)': `console.log('ready'); process.exit(3);`,
  'the natural end': `console.log('ready');`,
} as const;

suite('packages that listen to exits', () => {
  let receiver: Receiver;
  let folder: string;
  const owner = suiteOwner();
  before(async () => {
    receiver = await startReceiver();
    folder = await installPacked(owner, [...PACKAGES, '@opentelemetry/api@1.10.0']);
  });
  after(() => receiver.close());
  beforeEach(() => receiver.clear());
  let running: ((() => Promise<void>) | undefined)[] = [];
  afterEach(async () => {
    for (const stop of running) await stop?.();
    running = [];
  });

  /** Runs a program to its end, with telemetry or without. */
  async function run(name: string, end: keyof typeof ENDS, code: string, telemetry: boolean) {
    const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`);
    await writeFile(file, code);
    const preload = telemetry ? 'duotel/register' : 'data:text/javascript,';
    const env = telemetry ? { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'exits' } : {};
    const app = launch({ after: (stop) => void running.push(stop) }, process.execPath, ['--import', preload, file], {
      cwd: folder,
      env: cleanEnvironment(env),
    });
    if (end === 'SIGTERM' || end === 'SIGINT') {
      await waitFor('the program to be ready', () => app.stdout().includes('ready'));
      process.kill(app.pid, end);
    }
    const { code: exitCode, signal } = await app.ended;
    return { exitCode, signal, stdout: app.stdout(), stderr: app.stderr() };
  }

  for (const [name, { imports, hook }] of Object.entries(HOOKS)) {
    for (const end of Object.keys(ENDS) as (keyof typeof ENDS)[]) {
      for (const order of ['before', 'after'] as const) {
        test(`${name}, asked ${order} the first span, ${end}: ends as without telemetry, and the span arrives`, async () => {
          const span = `trace.getTracer('exits').startSpan('work').end();`;
          const body = order === 'before' ? hook + span : span + hook;
          const code = `import { trace } from '@opentelemetry/api'; ${imports} ${body} ${ENDS[end]}`;
          const control = await run(name, end, code, false);
          assert.deepEqual(await run(name, end, code, true), control);
          assert.equal(receiver.spans.length, 1);
        });
      }
    }
  }
});
