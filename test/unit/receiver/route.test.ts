import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveRoute } from '../../../src/receiver/route.ts';

suite('resolveRoute', () => {
  test('OTLP paths are known with any prefix', () => {
    assert.deepEqual(resolveRoute('/v1/traces'), { signal: 'traces', project: '' });
    assert.deepEqual(resolveRoute('/otlp/v1/metrics'), { signal: 'metrics', project: '' });
    assert.deepEqual(resolveRoute('/a/b/v1/logs'), { signal: 'logs', project: '' });
  });

  test('Sentry paths carry the project', () => {
    assert.deepEqual(resolveRoute('/api/7/envelope/'), { signal: 'envelopes', project: '7' });
    assert.deepEqual(resolveRoute('/api/7/integration/otlp/v1/traces/'), { signal: 'sentrySpans', project: '7' });
  });

  test('doubled, misspelt and bare paths are unknown', () => {
    for (const path of [
      '/',
      '/v1/trace',
      '/v1/traces/v1/traces',
      '/v1/traces/v1/logs',
      '/otlp%20/x',
      '/api/7/store/',
      '/v1/traces/',
    ]) {
      assert.equal(resolveRoute(path), undefined, path);
    }
  });
});
