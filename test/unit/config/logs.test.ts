import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import type { LogsConfig } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const logs = (env: Readonly<Record<string, string>>): LogsConfig => resolveConfig({ env }).config.logs;

suite('logs', () => {
  test('by default loggers are marked and exported, the console is left alone, and nothing is limited', () => {
    const { lines, minimumSeverity, recordsPerSecond } = logs({});
    assert.deepEqual(lines, { inject: true, export: true, exportConsole: false });
    assert.deepEqual([minimumSeverity, recordsPerSecond], [undefined, undefined]);
  });

  for (const [mode, inject, exports] of [
    ['inject', true, false],
    ['export', false, true],
    ['both', true, true],
    ['off', false, false],
  ] as const)
    test(`DUOTEL_LOGS=${mode}`, () => {
      assert.deepEqual(logs({ DUOTEL_LOGS: mode }).lines, { inject, export: exports, exportConsole: false });
    });

  test('console, level and limit can be set', () => {
    const set = logs({ DUOTEL_LOGS_CONSOLE: 'export', DUOTEL_LOGS_LEVEL: 'WARN', DUOTEL_LOGS_RATE_LIMIT: '50' });
    assert.equal(set.lines.exportConsole, true);
    assert.deepEqual([set.minimumSeverity, set.recordsPerSecond], [SeverityNumber.WARN, 50]);
  });

  test('a value that is none is told, and the default holds', () => {
    const { config, issues } = resolveConfig({ env: { DUOTEL_LOGS: 'all' } });
    assert.equal(config.logs.lines.export, true);
    assert.match(issues.map(({ message }) => message).join('\n'), /^DUOTEL_LOGS="all" is not one of inject, export,/m);
  });
});
