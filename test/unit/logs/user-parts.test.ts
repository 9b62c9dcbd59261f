import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { degradations } from '../../../src/core/guard.ts';
import { redirectNotices } from '../../../src/core/notices.ts';
import { acceptLogRecordProcessors } from '../../../src/logs/user-parts.ts';

const boom = (): never => {
  throw new Error('boom');
};

test('a processor that throws in every hook costs the others nothing and is counted', async (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const exporter = new InMemoryLogRecordExporter();
  const broken = { onEmit: boom, enabled: boom, forceFlush: boom, shutdown: boom };
  const guarded = acceptLogRecordProcessors([broken, new SimpleLogRecordProcessor({ exporter })]);
  const provider = new LoggerProvider({ processors: guarded });
  for (let index = 0; index < 10; index++) provider.getLogger('l').emit({ body: 'b' });
  await provider.forceFlush();
  await Promise.all(guarded.map((each) => each.flushed()));
  assert.equal(exporter.getFinishedLogRecords().length, 10);
  await provider.shutdown();
  // Each record: enabled and onEmit; a flush and a shutdown.
  assert.equal(degradations()['logRecordProcessors[0]']?.count, 22);
  assert.equal(lines.length, 1);
});

test('enabled() is passed on where a processor has it, and an async hook may reject', async (t) => {
  t.after(redirectNotices(() => undefined));
  const emitted: unknown[] = [];
  const picky: LogRecordProcessor = {
    enabled: ({ severityNumber }) => severityNumber === SeverityNumber.ERROR,
    onEmit: (async (record: { body: unknown }) => {
      emitted.push(record.body);
      boom();
    }) as unknown as LogRecordProcessor['onEmit'],
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new LoggerProvider({ processors: acceptLogRecordProcessors([picky]) });
  const logger = provider.getLogger('l');
  logger.emit({ body: 'low', severityNumber: SeverityNumber.TRACE });
  logger.emit({ body: 'high', severityNumber: SeverityNumber.ERROR });
  assert.deepEqual(emitted, ['high']);
  await provider.shutdown();
});

test('what is no processor is left out with a line', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  assert.deepEqual(acceptLogRecordProcessors([{ onStart() {} }, undefined]), []);
  assert.equal(lines.length, 2);
});
