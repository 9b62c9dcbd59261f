import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirectNotices } from '../../../src/core/notices.ts';
import type { Cause } from '../../../src/delivery/cause.ts';
import { createOutages, type Outages, type Source } from '../../../src/delivery/outages.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

const REFUSED: Cause = { kind: 'refused', code: 'ECONNREFUSED', text: 'ECONNREFUSED' };
const UNAUTHORIZED: Cause = { kind: 'credential', code: '401', text: '401 Unauthorized' };
const BUSY: Cause = { kind: 'unavailable', code: '503', text: '503 Service Unavailable' };

const at = (signal: Source['signal'], host = 'collector:4318'): Source => ({
  signal,
  url: `http://${host}/v1/${signal}`,
});
const [TRACES, METRICS, LOGS] = [at('traces'), at('metrics'), at('logs')];

interface Fixture {
  readonly outages: Outages;
  readonly lines: string[];
  readonly time: VirtualTime;
}

function createFixture(): Fixture {
  const time = createVirtualTime();
  const lines: string[] = [];
  const print = ({ code, message }: { code: string; message: string }): void => void lines.push(`${code} ${message}`);
  return { outages: createOutages({ now: time.now, timer: time.timer, print }), lines, time };
}

test('a lasting failure is told once, with signal, address, cause and remedy', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, UNAUTHORIZED, true);
  await time.advance(1000);
  for (let minute = 0; minute < 59; minute += 1) {
    outages.failed(TRACES, UNAUTHORIZED, true);
    await time.advance(60_000);
  }
  assert.deepEqual(lines, [
    'DUOTEL_EXPORT_FAILED traces not accepted by http://collector:4318/v1/traces: 401 Unauthorized. Check the credential in OTEL_EXPORTER_OTLP_HEADERS.',
  ]);
});

test('a failure that retries heal within seconds is no line', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, BUSY, false);
  await time.advance(2500);
  outages.accepted(TRACES);
  await time.advance(60_000);
  assert.deepEqual(lines, []);
  assert.equal(time.pending(), 0);
});

test('a failure that stays is told within 10 s, though nothing else happens', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, BUSY, false);
  await time.advance(9000);
  assert.equal(lines.length, 1);
});

test('signals that share address and cause share a line', async () => {
  const { outages, lines, time } = createFixture();
  for (const source of [TRACES, LOGS, METRICS]) outages.failed(source, REFUSED, false);
  await time.advance(10_000);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /^DUOTEL_EXPORT_FAILED logs, metrics, traces not accepted by http:\/\/collector:4318: ECONNREFUSED\. /,
  );
});

test('another cause or another address has a line of its own', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, UNAUTHORIZED, true);
  outages.failed(LOGS, REFUSED, false);
  outages.failed(at('traces', 'other:4318'), UNAUTHORIZED, true);
  await time.advance(10_000);
  assert.equal(lines.length, 3);
});

test('a failure that changes its cause while it lasts is not told again', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, REFUSED, false);
  await time.advance(10_000);
  outages.failed(TRACES, BUSY, false);
  await time.advance(10_000);
  assert.equal(lines.length, 1);
});

test('recovery is told once all signals are accepted again, with the count of what was lost', async () => {
  const { outages, lines, time } = createFixture();
  for (const source of [TRACES, LOGS]) {
    outages.opened(source);
    outages.failed(source, REFUSED, false);
  }
  await time.advance(10_000);
  outages.lost(TRACES, 40);
  outages.lost(LOGS, 2);
  outages.accepted(TRACES);
  assert.equal(lines.length, 1);
  outages.accepted(LOGS);
  assert.equal(
    lines[1],
    'DUOTEL_EXPORT_RECOVERED http://collector:4318 accepts telemetry again. Lost meanwhile: 42 items.',
  );
  outages.accepted(TRACES);
  assert.equal(lines.length, 2);
});

test('an outage is recalled each hour, at most', async () => {
  const { outages, lines, time } = createFixture();
  for (let minute = 0; minute < 125; minute += 1) {
    outages.failed(TRACES, REFUSED, false);
    await time.advance(60_000);
  }
  assert.equal(lines.length, 3);
});

test('a loss is told although the next request is accepted', async () => {
  const { outages, lines } = createFixture();
  outages.failed(TRACES, { kind: 'request', code: '400', text: '400 Bad Request' }, true);
  outages.lost(TRACES, 512);
  outages.accepted(TRACES);
  assert.match(lines[0] ?? '', /400 Bad Request\. Lost so far: 512 items\. Check what/);
  assert.match(lines[1] ?? '', /DUOTEL_EXPORT_RECOVERED .* Lost meanwhile: 512 items\./);
  assert.equal(lines.length, 2);
});

test('a destination that fails and recovers all the time is told ever less often, and no loss is forgotten', async () => {
  const { outages, lines, time } = createFixture();
  let lost = 0;
  for (let second = 0; second < 6 * 3600; second += 10) {
    outages.failed(TRACES, BUSY, true);
    outages.lost(TRACES, 1);
    lost += 1;
    await time.advance(5000);
    outages.accepted(TRACES);
    await time.advance(5000);
  }
  assert.ok(lines.length <= 26, `${lines.length} lines`);
  const told = lines
    .flatMap((line) => /Lost meanwhile: (\d+) item/.exec(line)?.[1] ?? [])
    .reduce((sum, count) => sum + Number(count), 0);
  assert.ok(told <= lost && told > 0);
});

test('a second outage later is told again', async () => {
  const { outages, lines, time } = createFixture();
  for (let outage = 0; outage < 2; outage += 1) {
    outages.failed(TRACES, REFUSED, false);
    await time.advance(10_000);
    outages.accepted(TRACES);
    await time.advance(600_000);
  }
  assert.equal(lines.length, 4);
});

test('at the end a loss that nobody was told of is told at once', () => {
  const { outages, lines, time } = createFixture();
  for (const source of [TRACES, LOGS, METRICS]) outages.opened(source);
  for (const source of [TRACES, LOGS]) {
    outages.failed(source, REFUSED, true);
    outages.lost(source, 3);
    outages.closed(source);
  }
  assert.deepEqual(lines, [], 'the last one speaks for all');
  outages.closed(METRICS);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /logs, traces not accepted .* Lost so far: 6 items\./);
  assert.equal(time.pending(), 0);
});

test('at the end a loss is told although the address had a line not long ago', async () => {
  const { outages, lines, time } = createFixture();
  outages.opened(TRACES);
  outages.failed(TRACES, REFUSED, false);
  await time.advance(5000);
  outages.accepted(TRACES);
  outages.failed(TRACES, REFUSED, true);
  outages.lost(TRACES, 3);
  assert.equal(lines.length, 2);
  outages.closed(TRACES);
  assert.equal(lines.length, 3);
});

test('at the end of a failure without loss nothing is said', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed(TRACES, BUSY, false);
  outages.closed(TRACES);
  await time.advance(60_000);
  assert.deepEqual(lines, []);
});

test('a signal that ended while it failed does not hide the recovery of the others', async () => {
  const { outages, lines, time } = createFixture();
  for (const source of [TRACES, LOGS]) {
    outages.opened(source);
    outages.failed(source, REFUSED, false);
  }
  await time.advance(10_000);
  outages.closed(TRACES);
  outages.accepted(LOGS);
  assert.equal(lines.length, 2);
});

test('a partial success is told once for each signal and address, in the words of the server', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const { outages } = createFixture();
  for (let round = 0; round < 3; round += 1) outages.leftOut(LOGS, 7, 'line too long');
  assert.deepEqual(lines, [
    'DUOTEL_PARTIAL_SUCCESS http://collector:4318/v1/logs accepted logs but rejected 7 items: line too long\n',
  ]);
});

test('query and user info of an address are never shown', async () => {
  const { outages, lines, time } = createFixture();
  outages.failed({ signal: 'traces', url: 'https://user:pass@host/v1/traces?key=abc#f' }, REFUSED, true);
  await time.advance(1000);
  assert.match(lines[0] ?? '', /by https:\/\/host\/v1\/traces: /);
});

test('at the end of the process a loss is told at once, and a failure without one is not', () => {
  const { outages, lines } = createFixture();
  outages.failed(METRICS, BUSY, false);
  outages.tellLosses();
  assert.equal(lines.length, 0);
  for (const source of [TRACES, LOGS]) {
    outages.failed(source, UNAUTHORIZED, true);
    outages.lost(source, 2);
  }
  outages.tellLosses();
  outages.tellLosses();
  const [line, ...more] = lines.filter((text) => text.includes('401 Unauthorized'));
  assert.match(line ?? '', /^DUOTEL_EXPORT_FAILED logs, traces .* Lost so far: 4 items\./);
  assert.deepEqual(more, []);
});
