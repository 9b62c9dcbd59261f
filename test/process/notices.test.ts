/**
 * The form of what is said on stderr: `DUOTEL_NOTICES`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApp } from '../support/run-app.ts';

/** Nothing listens there. */
const REFUSED = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SERVICE_NAME: 'notices' };
const SPAN = `import { trace } from '@opentelemetry/api'; trace.getTracer('t').startSpan('s').end();`;

const parse = (stderr: string): Record<string, unknown>[] =>
  stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('json: every line is an object, from the configuration to the loss at the end', async () => {
  const { code, stdout, stderr } = await runApp({
    code: `${SPAN} console.log('out'); process.exit(3);`,
    env: { ...REFUSED, DUOTEL_NOTICES: 'JSON', OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_LOG_LEVEL: 'debug' },
  });
  const lines = parse(stderr);
  assert.deepEqual([code, stdout], [3, 'out\n']);
  const codes = lines.map((line) => line['code']);
  assert.ok(codes.includes('DUOTEL_CONFIG_INVALID') && codes.includes('DUOTEL_EXIT_LOSS'), stderr);
  for (const { time, level, message } of lines) {
    assert.ok(!Number.isNaN(Date.parse(String(time))) && /^(?:error|warn|info|debug|verbose)$/.test(String(level)));
    assert.ok(String(message).length > 0);
  }
});

test('the option wins over the environment, and the environment holds before there is a configuration', async () => {
  const option = await runApp({
    code: `import { start } from 'duotel'; start({ variables: { DUOTEL_NOTICES: 'json', OTEL_BSP_MAX_QUEUE_SIZE: 'many' } });`,
    nodeArgs: [],
    env: { DUOTEL_NOTICES: 'text' },
  });
  assert.equal(parse(option.stderr)[0]?.['code'], 'DUOTEL_CONFIG_INVALID');
  const early = await runApp({
    code: `import { start } from 'duotel'; start({ get serviceName() { throw new Error('early'); } });`,
    nodeArgs: [],
    env: { DUOTEL_NOTICES: ' json ' },
  });
  assert.equal(parse(early.stderr)[0]?.['code'], 'DUOTEL_START_FAILED');
});

test('text is the default, and what is neither is told', async () => {
  const { stderr } = await runApp({ code: '', env: { ...REFUSED, DUOTEL_NOTICES: 'xml' } });
  assert.match(stderr, /^DUOTEL_CONFIG_INVALID [^\n]*DUOTEL_NOTICES[^\n]*\n$/);
});
