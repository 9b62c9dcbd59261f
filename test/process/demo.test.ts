/** `npm run demo` keeps what the README shows: one trace over two services, its log lines, its error in Sentry, one counter read two ways. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface DemoRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runDemo(): Promise<DemoRun> {
  const child = spawn(process.execPath, ['examples/demo/demo.ts'], {
    cwd: ROOT,
    // A setting for telemetry in the user's shell must not change what the demo shows.
    env: { ...process.env, FORCE_COLOR: undefined, OTEL_SDK_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  // Both streams end only when the services, which inherit stderr, are gone too: so this is also the check for leftovers.
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, stdout, stderr };
}

suite('npm run demo', () => {
  let run: DemoRun;
  before(async () => {
    run = await runDemo();
  });

  test('ends well, says nothing on stderr and leaves no service behind', () => {
    assert.deepEqual({ code: run.code, stderr: run.stderr }, { code: 0, stderr: '' });
  });

  test('shows the failing order as one tree over both services, with its exception', () => {
    const tree = section(run.stdout, 'The failing order');
    assert.match(tree[0] ?? '', /\b[0-9a-f]{32}\b/);
    const services = tree.slice(1).map((line) => /^ {2}(shop|stock) +\S/.exec(line)?.[1]);
    assert.deepEqual(services.filter((name) => name !== undefined).toSorted(), [
      'shop',
      'shop',
      'shop',
      'stock',
      'stock',
      'stock',
    ]);
    assert.match(tree[1] ?? '', /shop +POST \/orders +502 ✗ +━+ +\d+\.\d ms/);
    assert.match(tree.join('\n'), /└─ reserve +✗/);
    assert.match(tree.join('\n'), /SoldOutError: no unicorn to spare/);
  });

  test('shows the log lines of both services with the id of that trace', () => {
    const traceId = /\b[0-9a-f]{32}\b/.exec(run.stdout)?.[0] ?? '';
    const lines = section(run.stdout, 'Its log lines').slice(1);
    assert.deepEqual(
      lines.map((line) => line.trim().split(/ +/)[0]),
      ['shop', 'stock', 'shop'],
    );
    for (const line of lines) assert.match(line, new RegExp(`${traceId.slice(0, 8)}…`));
  });

  test('shows the error in Sentry on that trace', () => {
    const traceId = /\b[0-9a-f]{32}\b/.exec(run.stdout)?.[0] ?? '';
    const lines = section(run.stdout, 'Its error in Sentry').slice(1);
    assert.match(lines[0] ?? '', /SoldOutError: no unicorn to spare {2}stock\.cjs:\d+/);
    assert.match(
      lines[1] ?? '',
      new RegExp(`in POST /reservations, span reserve, trace ${traceId.slice(0, 8)}…  the same`),
    );
  });

  test('shows the same counter from /metrics and from OTLP', () => {
    const rows = section(run.stdout, 'One counter')
      .slice(1)
      .map((line) => line.trim().split(/ +/));
    assert.deepEqual(rows, [
      ['demo_orders_total{outcome="placed"}', '11', '11', 'equal'],
      ['demo_orders_total{outcome="failed"}', '1', '1', 'equal'],
    ]);
  });

  test('fits a terminal of 100 columns and a screen of 40 lines, without colour codes when not in a terminal', () => {
    const lines = run.stdout.split('\n');
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    // Every character in use is one column and one code unit.
    for (const line of lines) assert.ok(line.length <= 100, line);
    assert.equal(run.stdout.includes('\u001b'), false);
  });
});

/** The lines from the one that starts with `title` to the next empty one. */
function section(output: string, title: string): string[] {
  const lines = output.split('\n');
  const start = lines.findIndex((line) => line.startsWith(title));
  assert.notEqual(start, -1, `${title} is missing in:\n${output}`);
  return lines.slice(start, lines.indexOf('', start));
}
