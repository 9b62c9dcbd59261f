/**
 * Documents lead where they say: links between them, to their sections and to files, and README to each page.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../tools/node-versions.mjs';

const PAGES = globSync(['*.md', 'docs/**/*.md', 'bench/*.md', 'examples/*/*.md', '.changeset/*.md'], { cwd: ROOT });
const TEXTS = new Map(PAGES.map((page) => [page, readFileSync(join(ROOT, page), 'utf8')]));

/** Where a page leads: links in prose, without those to the web and those in code. */
function linksOf(text: string): string[] {
  const prose = text
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]]/g, '|'));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((link) => !link.includes('://'));
}

/** Names of a page's sections, as GitHub makes them. */
function sectionsOf(text: string): string[] {
  return [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [path = '', section] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return true;
  return section !== undefined && !sectionsOf(TEXTS.get(target) ?? '').includes(section);
}

test('each link of a document leads to a file or section that is there', () => {
  const broken = [...TEXTS].flatMap(([page, text]) =>
    linksOf(text)
      .filter((link) => isBroken(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('README leads to each guide, reference and explanation', () => {
  const linked = linksOf(TEXTS.get('README.md') ?? '');
  const pages = PAGES.filter((page) => /^docs.(?:guides|reference|explanation)/.test(page));
  assert.deepEqual(
    pages.map((page) => page.replaceAll('\\', '/')).filter((page) => !linked.includes(page)),
    [],
  );
});
