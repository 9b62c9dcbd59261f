/**
 * Redaction takes time in proportion to the text, whatever the text: no input makes a scan start over and over.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from '../support/fast-check.ts';
import { redactJson } from '../../src/encode/redact-json.ts';
import { redactText } from '../../src/encode/redact.ts';
import { redactSql } from '../../src/encode/redact-sql.ts';
import { replacePatterns } from '../../src/encode/redact-pattern.ts';

const KIB = 1024;
const SMALL = 64 * KIB;
const LARGE = 1024 * KIB;

/** Sixteen times the text may take this many times as long; quadratic time would take 256 times. */
const MOST_GROWTH = 64;

/** Pieces secrets are recognised by, and what comes close to them. */
// oxfmt-ignore
const PIECES = [
    '=', ':', '@', '%', '_', '-', '"', "'", '\\', '/', ' ', '\n', '.', ',', '{', '[', '&', '?', '$', 'a', 'A', '1', '4', '://', '--', 'sk-', 'ghp_', 'xoxb-', 'AKIA', 'AIza', 'SG.', 'eyJ', 'eyJa.', 'Bearer ', 'basic ', 'bearer+', '%3D', 'password', 'password=', 'password:', 'password: "', '"password":"', '"token":[', '{"secret":', '--token ', '%22', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', '-----END ', 'http://', 'http://a:', 'a@', '4111', '4111 ', '4111-', '?token=', 'Cookie: ', 'Authorization: ', '\\"', 'a.b.c', '\u{e9}', '\u{1f600}', '\ud800', '\0', ];

function fastestMillis(work: () => unknown): number {
  let fastest = Infinity;
  for (let round = 0; round < 2; round++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    fastest = Math.min(fastest, (user + system) / 1000);
  }
  return fastest;
}

function assertLinear(piece: string, work: (text: string) => unknown): void {
  const fill = (length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  const [small, large] = [fill(SMALL), fill(LARGE)];
  // Clocks are coarse, and the first milliseconds are those of the compiler.
  const before = Math.max(
    2,
    fastestMillis(() => work(small)),
  );
  const after = fastestMillis(() => work(large));
  assert.ok(after < before * MOST_GROWTH, `${JSON.stringify(piece)}: ${before} ms, then ${after} ms`);
}

suite('a megabyte takes no more than its share', () => {
  test('of one piece over and over', () => {
    for (const piece of PIECES) assertLinear(piece, (text) => redactText(text));
  });

  test('of a few pieces over and over', () => {
    const repeated = fc
      .array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 6 })
      .map((parts) => parts.join(''));
    const property = fc.property(repeated, (piece) => assertLinear(piece, (text) => redactText(text)));
    fc.assert(property, { numRuns: process.env['DUOTEL_TEST_LONG'] === '1' ? 500 : 25, endOnFailure: true });
  });

  test('of a statement, a query, a pattern', () => {
    for (const piece of ["'", '"', "''", '\\', '$', '$a$', '$a', '1', '1.', 'a1 ', '="', "= '", 'x'])
      assertLinear(piece, (text) => redactSql(text, () => undefined));
    for (const piece of ['a=', 'token=&', '&', 'token=a&'])
      assertLinear(piece, (text) => redactText(text, 'url.query'));
    for (const piece of ['EMP-', 'EMP-1', 'EMP-12345', 'EM'])
      assertLinear(piece, (text) => replacePatterns(text, ['EMP-######', 'EMP*'], () => undefined));
  });
});

test('any text comes back as a text, and twice redacted is once redacted', () => {
  const texts = fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 12 })))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      const once = redactText(text);
      assert.equal(typeof once, 'string');
      assert.equal(redactText(once).includes('undefined'), once.includes('undefined'));
    }),
    { numRuns: 3000 },
  );
});

test('any value comes back fit for JSON, bounded, and the original as it was', () => {
  fc.assert(
    fc.property(fc.object({ withBigInt: true, withDate: true, withNullPrototype: true, maxDepth: 6 }), (value) => {
      const copy = redactJson({ value });
      JSON.stringify(copy);
    }),
    { numRuns: 500 },
  );
});
