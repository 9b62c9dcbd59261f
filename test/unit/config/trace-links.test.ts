import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveConfig } from '../../../src/config/resolve.ts';
import { traceUrlOf } from '../../../src/core/trace-url.ts';

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const NOW = 1_795_000_000_000;

function linksOf(env: Readonly<Record<string, string>>) {
  const { config, issues, settings } = resolveConfig({ env: { OTEL_SERVICE_NAME: 'svc', ...env } });
  const { urlTemplate, inLogs } = config.traceLinks;
  const url = urlTemplate === undefined ? undefined : traceUrlOf(urlTemplate, SPAN, () => NOW);
  return { url, inLogs, issues: issues.filter(({ severity }) => severity === 'notice'), settings };
}

/** An address of Explore, taken apart by the structure Grafana documents. */
function parseExplore(url: string | undefined) {
  const { origin, pathname, searchParams } = new URL(url ?? '');
  return {
    page: origin + pathname,
    schemaVersion: searchParams.get('schemaVersion'),
    orgId: searchParams.get('orgId'),
    panes: JSON.parse(searchParams.get('panes') ?? '') as unknown,
  };
}

suite('links to traces', () => {
  test('a Grafana address gives the documented Explore address of the trace', () => {
    const { url, issues } = linksOf({
      DUOTEL_GRAFANA_URL: 'http://grafana.internal:3000/',
      DUOTEL_GRAFANA_TRACES_UID: 'P214B5B846CF3925F',
    });
    assert.deepEqual(parseExplore(url), {
      page: 'http://grafana.internal:3000/explore',
      schemaVersion: '1',
      orgId: '1',
      panes: {
        trace: {
          datasource: 'P214B5B846CF3925F',
          queries: [
            {
              refId: 'A',
              datasource: { type: 'tempo', uid: 'P214B5B846CF3925F' },
              queryType: 'traceql',
              query: SPAN.traceId,
            },
          ],
          range: { from: `${NOW - 3_600_000}`, to: `${NOW + 3_600_000}` },
        },
      },
    });
    assert.deepEqual(issues, []);
  });

  test('Grafana below a path, another organisation, and a credential that must not get into links', () => {
    const { url } = linksOf({ DUOTEL_GRAFANA_URL: 'https://me:secret@ops.example/grafana/?orgId=7' });
    const { page, orgId } = parseExplore(url);
    assert.deepEqual([page, orgId], ['https://ops.example/grafana/explore', '7']);
    assert.ok(!url?.includes('secret'));
  });

  for (const [address, uid] of [
    ['https://acme.grafana.net', 'grafanacloud-traces'],
    ['http://localhost:3000', 'tempo'],
    ['https://notgrafana.net', 'tempo'],
  ] as const) {
    test(`without an identifier the data source at ${address} is ${uid}`, () => {
      const { url, settings } = linksOf({ DUOTEL_GRAFANA_URL: address });
      assert.ok(url?.includes(encodeURIComponent(`"datasource":"${uid}"`)), url);
      const setting = settings.find(({ name }) => name === 'DUOTEL_GRAFANA_TRACES_UID');
      assert.deepEqual([setting?.value, setting?.origin], [uid, 'default']);
    });
  }

  test('an identifier with characters of its own cannot break out of the address', () => {
    const uid = 'a"},{&schemaVersion=9#{traceId}';
    const { url } = linksOf({ DUOTEL_GRAFANA_URL: 'http://g', DUOTEL_GRAFANA_TRACES_UID: uid });
    const { panes, schemaVersion } = parseExplore(url);
    assert.equal(schemaVersion, '1');
    assert.equal((panes as { trace: { datasource: string } }).trace.datasource, uid);
  });

  test('a template of another back end wins over Grafana', () => {
    const { url, issues } = linksOf({
      DUOTEL_TRACE_URL: 'https://jaeger.example/trace/{traceId}?uiFind={spanId}&from={from}&to={to}&x={other}',
      DUOTEL_GRAFANA_URL: 'http://localhost:3000',
    });
    assert.equal(
      url,
      `https://jaeger.example/trace/${SPAN.traceId}?uiFind=${SPAN.spanId}&from=${NOW - 3_600_000}&to=${NOW + 3_600_000}&x={other}`,
    );
    assert.deepEqual(issues, []);
  });

  test('a template without the trace id is named and not used', () => {
    const { url, issues } = linksOf({ DUOTEL_TRACE_URL: 'https://jaeger.example/trace/' });
    assert.equal(url, undefined);
    assert.match(issues[0]?.message ?? '', /^DUOTEL_TRACE_URL.*\{traceId\}/);
  });

  test('without an address there are no links, and what asks for them is named', () => {
    assert.deepEqual(linksOf({}).issues, []);
    const { url, inLogs, issues } = linksOf({ DUOTEL_LOG_TRACE_LINKS: 'on', DUOTEL_GRAFANA_TRACES_UID: 'tempo' });
    assert.deepEqual([url, inLogs], [undefined, false]);
    assert.deepEqual(
      issues.map(({ code, message }) => [code, message.split(' ')[0]]),
      [
        ['DUOTEL_CONFIG_CONFLICT', 'DUOTEL_LOG_TRACE_LINKS'],
        ['DUOTEL_CONFIG_CONFLICT', 'DUOTEL_GRAFANA_TRACES_UID'],
      ],
    );
  });
});
