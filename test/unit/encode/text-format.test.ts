import { equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { negotiateFormat } from '../../../src/encode/text-format.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

suite('what scrapers send', () => {
  const table: readonly [scraper: string, accept: string | undefined, contentType: string][] = [
    ['nothing', undefined, TEXT],
    ['an empty header', '', TEXT],
    ['curl', '*/*', TEXT],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8', TEXT],
    [
      'Prometheus 2.42',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      `${OPENMETRICS}; escaping=allow-utf-8`,
    ],
    [
      'Prometheus 3 with text first',
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2',
      'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
    ],
    ['VictoriaMetrics', 'text/plain;version=0.0.4;q=1,*/*;q=0.1', TEXT],
    ['Prometheus with protobuf', 'application/vnd.google.protobuf;encoding=delimited;q=0.7,text/plain;q=0.3', TEXT],
  ];
  for (const [scraper, accept, contentType] of table) {
    test(`${scraper}: ${contentType}`, () => equal(negotiateFormat(accept).contentType, contentType));
  }
});

test('the greatest weight wins, the first of equals, and weight 0 is a refusal', () => {
  equal(negotiateFormat('text/plain;q=0.5, application/openmetrics-text;q=0.9').contentType, OPENMETRICS);
  equal(negotiateFormat('text/plain, application/openmetrics-text').contentType, TEXT);
  equal(negotiateFormat('application/openmetrics-text;q=0, text/plain;q=0.1').contentType, TEXT);
  equal(negotiateFormat('application/openmetrics-text;q=nonsense, */*;q=0.1').contentType, TEXT);
});

test('case, spaces and quotes of parameters do not matter', () => {
  equal(
    negotiateFormat(' Application/OpenMetrics-Text ; VERSION="1.0.0" ; Escaping = dots').contentType,
    `${OPENMETRICS}; escaping=dots`,
  );
});

test('unknown versions and escaping schemes are passed over', () => {
  equal(negotiateFormat('application/openmetrics-text;version=2.0.0, text/plain;q=0.1').contentType, TEXT);
  equal(negotiateFormat('application/openmetrics-text;version=1.0.0;escaping=klingon').contentType, OPENMETRICS);
});

test('text 0.0.4 has no quoted names, whatever was asked', () => {
  equal(negotiateFormat('text/plain;version=0.0.4;escaping=allow-utf-8').escaping, 'underscores');
  equal(negotiateFormat('text/plain;version=1.0.0').escaping, 'underscores');
});

test('a header of any length and content is answered', () => {
  equal(negotiateFormat('application/openmetrics-text,'.repeat(10_000)).contentType, TEXT);
  equal(negotiateFormat(';;;,=,q=1;,').contentType, TEXT);
});
