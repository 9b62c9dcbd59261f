/**
 * Writes the licences of every package whose code is inside `dist/`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './node-versions.mjs';

/** Collects the bundled packages from esbuild's metafile; one section per licence text. */
export function writeNotices(metafile, target) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  const sections = new Map();
  for (const folder of [...folders].sort((a, b) => a.localeCompare(b))) {
    const { title, text } = noticeOf(folder);
    sections.set(text, [...(sections.get(text) ?? []), title]);
  }
  const rule = '='.repeat(80);
  const bodies = [...sections].map(([text, titles]) => `${rule}\n${titles.join('\n')}\n${rule}\n${text}\n`);
  writeFileSync(target, `This package contains code of the following packages.\n\n${bodies.join('\n')}`);
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(ROOT, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8');
  return { title: `${name} ${version} (${license})`, text };
}
