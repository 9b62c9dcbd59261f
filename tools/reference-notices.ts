/**
 * The page of coded messages, from the notice table.
 */
import { NOTICES } from '../src/core/notice-codes.ts';

/** Markdown of `docs/reference/notices.md`. */
export function renderNoticesReference(): string {
  const entries = Object.entries(NOTICES).map(
    ([code, { meaning, remedy }]) => `## ${code}\n\n${meaning}\n\n**What to do.** ${remedy}\n`,
  );
  return `# Notices

Generated from \`src/core/notice-codes.ts\` by \`npm run generate\`.

Each message is one line on stderr that starts with its code. It is printed once; silence means healthy.

${entries.join('\n')}`;
}
