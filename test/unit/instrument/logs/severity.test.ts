/** Severity numbers of levels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScale } from '../../../../src/instrument/logs/severity.ts';

/** Numbers of all levels, most grave first in `levels` if that is how the logger counts. */
function numbersOf(levels: Readonly<Record<string, number>>, sign: 1 | -1 = 1): Record<string, number> {
  const scale = createScale(Object.entries(levels).map(([name, rank]) => [name, sign * rank]));
  return Object.fromEntries(Object.entries(levels).map(([name, rank]) => [name, scale(sign * rank)]));
}

test('the levels of pino and bunyan have the numbers of the specification', () => {
  assert.deepEqual(numbersOf({ trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }), {
    trace: 1,
    debug: 5,
    info: 9,
    warn: 13,
    error: 17,
    fatal: 21,
  });
});

test('the levels of npm, and of syslog, are known by name whichever way they count', () => {
  const npm = { error: 0, warn: 1, info: 2, http: 3, verbose: 4, debug: 5, silly: 6 };
  assert.deepEqual(Object.values(numbersOf(npm, -1)), [17, 13, 9, 7, 6, 5, 1]);
  const syslog = { emerg: 0, alert: 1, crit: 2, error: 3, warning: 4, notice: 5, info: 6, debug: 7 };
  assert.deepEqual(Object.values(numbersOf(syslog, -1)), [21, 19, 18, 17, 13, 10, 9, 5]);
});

test('a level the application made up lies between those around it', () => {
  assert.equal(numbersOf({ info: 30, audit: 35, warn: 40 })['audit'], 11);
  assert.equal(numbersOf({ error: 0, audit: 1, info: 2 }, -1)['audit'], 13);
});

test('beyond the known levels it is a band further, within the numbers there are', () => {
  const levels = numbersOf({ chatter: 5, debug: 20, fatal: 60, panic: 70 });
  assert.deepEqual([levels['chatter'], levels['panic']], [1, 24]);
});

test('without a known name every level is INFO, and so is one the logger does not know', () => {
  assert.deepEqual(numbersOf({ red: 1, green: 2 }), { red: 9, green: 9 });
  assert.equal(createScale([['info', 30]])(Number.NaN), 9);
});

test('a graver level never has a smaller number, whatever the levels', () => {
  const names = ['a', 'debug', 'b', 'info', 'c', 'error', 'd'];
  const numbers = Object.values(numbersOf(Object.fromEntries(names.map((name, rank) => [name, rank * 7]))));
  assert.deepEqual(
    numbers,
    numbers.toSorted((x, y) => x - y),
  );
});
