import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { createIgnoreRule } from '../../../src/instrument/ignore-rule.ts';
import { REQUESTS } from './observe.ts';

const ask = (paths: readonly string[], method: string, url?: string): boolean =>
  createIgnoreRule(paths)({ method, url } as IncomingMessage);

test('probes and scrapes are ignored by default', () => {
  for (const url of ['/health', '/healthz', '/livez', '/readyz', '/metrics', '/metrics?name=x', '/health?'])
    assert.equal(ask(REQUESTS.ignore, 'GET', url), true, url);
  for (const url of ['/', '/healthy', '/health/', '/api/health', '/Health', undefined])
    assert.equal(ask(REQUESTS.ignore, 'GET', url), false, url);
});

test('only GET and HEAD are ignored', () => {
  assert.equal(ask(['/metrics'], 'HEAD', '/metrics'), true);
  for (const method of ['POST', 'PUT', 'OPTIONS']) assert.equal(ask(['/metrics'], method, '/metrics'), false, method);
});

test('a star stands for any end; without rules nothing is ignored', () => {
  assert.equal(ask(['/internal/*', '/up'], 'GET', '/internal/a/b?c'), true);
  assert.equal(ask(['/internal/*', '/up'], 'GET', '/internal'), false);
  assert.equal(ask(['/internal/*', '/up'], 'GET', '/up'), true);
  assert.equal(ask([], 'GET', '/health'), false);
});
