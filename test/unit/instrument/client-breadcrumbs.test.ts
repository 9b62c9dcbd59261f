import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, test } from 'node:test';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { breadcrumbsOf, keepBreadcrumbs } from '../../../src/request/breadcrumbs.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';
import { observe, serve } from './observe.ts';

observe();
keepBreadcrumbs(true);
after(() => keepBreadcrumbs(false));

test('outgoing calls are breadcrumbs of the request they were made for, without secrets', async () => {
  using served = await serve((request, response) => response.writeHead(request.url === '/no' ? 503 : 200).end());
  const request = new RequestContext('r');
  await context.with(ROOT_CONTEXT.setValue(REQUEST_KEY, request), async () => {
    await (await fetch(`${served.url}/yes?sig=secret`)).arrayBuffer();
    await new Promise((resolve) => get(`${served.url}/no`, (response) => response.resume().on('close', resolve)).end());
    await fetch('http://127.0.0.1:9/').catch(() => undefined);
  });
  const crumbs = breadcrumbsOf(request).filter(({ kind }) => kind === 'http');
  assert.deepEqual(
    crumbs.slice(0, 2).map(({ level, data }) => [level, data?.['method'], data?.['statusCode']]),
    [
      ['info', 'GET', 200],
      ['error', 'GET', 503],
    ],
  );
  assert.doesNotMatch(JSON.stringify(crumbs), /secret/);
});
