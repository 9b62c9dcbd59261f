import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { redirectNotices } from '../../../src/core/notices.ts';
import { acceptInstrumentations, modulesOf } from '../../../src/instrument/option-parts.ts';
import type { InstrumentationPart, Providers } from '../../../src/instrument/instrumentation-part.ts';

const providers = { trace: 'tracers', metrics: 'meters', logs: 'loggers' } as unknown as Providers;

function collectLines(t: TestContext): string[] {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  return lines;
}

function createPart(calls: string[], overrides: Partial<InstrumentationPart> = {}): InstrumentationPart {
  return {
    instrumentationName: 'theirs',
    setTracerProvider: (provider) => calls.push(String(provider)),
    setMeterProvider: (provider) => calls.push(String(provider)),
    getConfig: () => ({ enabled: true }),
    enable: () => calls.push('enable'),
    disable: () => calls.push('disable'),
    ...overrides,
  };
}

test('an instrumentation is given the providers and not enabled a second time', () => {
  const calls: string[] = [];
  acceptInstrumentations([createPart(calls)], providers);
  assert.deepEqual(calls, ['tracers', 'meters']);
});

test('one that was made disabled is enabled, as the official SDK does', () => {
  const calls: string[] = [];
  acceptInstrumentations([[createPart(calls, { getConfig: () => ({ enabled: false }) })]], providers);
  assert.deepEqual(calls, ['tracers', 'meters', 'enable']);
});

test('after a shutdown it is enabled again by the next start', () => {
  const calls: string[] = [];
  const part = createPart(calls);
  acceptInstrumentations([part], providers).stop();
  acceptInstrumentations([part], providers);
  assert.deepEqual(calls, ['tracers', 'meters', 'disable', 'tracers', 'meters', 'enable']);
});

test('what is none, or throws, is left out with a line each', (t) => {
  const lines = collectLines(t);
  const broken = createPart([], {
    setMeterProvider() {
      throw new Error('no meters here');
    },
  });
  const good = createPart([]);
  const { parts } = acceptInstrumentations([{}, [broken, good]], providers);
  assert.deepEqual(parts, [good]);
  assert.match(lines[0] ?? '', /^DUOTEL_CONFIG_INVALID Option instrumentations\[0\] .*not an Instrumentation/);
  assert.match(lines[1] ?? '', /^DUOTEL_CONFIG_INVALID Option instrumentations\[1\] .*no meters here/);
});

test('a list that is none is left out with a line', (t) => {
  const lines = collectLines(t);
  assert.deepEqual(acceptInstrumentations('express', providers).parts, []);
  assert.equal(lines.length, 1);
});

test('stopping survives one that throws', () => {
  const calls: string[] = [];
  const broken = createPart([], {
    disable() {
      throw new Error('never');
    },
  });
  acceptInstrumentations([broken, createPart(calls)], providers).stop();
  assert.equal(calls.at(-1), 'disable');
});

test('modules are known as far as the instrumentation tells them', () => {
  assert.deepEqual(modulesOf(createPart([])), []);
  assert.deepEqual(modulesOf(createPart([], { getModuleDefinitions: () => [{ name: 'db' }, { name: 'pool' }] })), [
    'db',
    'pool',
  ]);
});
