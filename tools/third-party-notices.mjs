/**
 * Writes the licences of every package whose code is inside `dist/`.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './node-versions.mjs';

/** Collects the bundled packages from esbuild's metafile; one section per package. */
export function writeNotices(metafile, target) {
  const packages = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[0];
      if (name !== undefined && bytesInOutput > 0) packages.add(name);
    }
  }
  const sections = [...packages].sort((a, b) => a.localeCompare(b)).map(section);
  writeFileSync(target, `This package contains code of the following packages.\n\n${sections.join('\n')}`);
}

function section(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(ROOT, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file === undefined && !existsSync(join(ROOT, folder))) throw new Error(`No licence text for ${name}.`);
  const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8');
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n${text}\n`;
}
