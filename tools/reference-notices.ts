/**
 * The page of coded messages, from the notice table.
 */
import { renderNotice } from '../src/core/json-line.ts';
import { NOTICES } from '../src/core/notice-codes.ts';

const EXAMPLE = JSON.stringify(
  JSON.parse(
    renderNotice(
      'DUOTEL_EXPORT_RECOVERED',
      'http://localhost:4318 accepts telemetry again. Lost meanwhile: 3 items.',
      new Date(0),
    ),
    (key, value: unknown) => (key === 'pid' ? 1 : value),
  ),
).concat('\n');

/** Markdown of `docs/reference/notices.md`. */
export function renderNoticesReference(): string {
  const entries = Object.entries(NOTICES).map(
    ([code, { level, meaning, remedy }]) =>
      `## ${code}\n\n${meaning}${level === 'info' ? ' For information only.' : ''}\n\n**What to do.** ${remedy}\n`,
  );
  return `# Notices

Generated from \`src/core/notice-codes.ts\` by \`npm run generate\`.

Each message is one line on stderr that starts with its code. It is printed once; silence means healthy.

## As JSON

With \`DUOTEL_NOTICES=json\` each line is one JSON object:

\`\`\`json
${EXAMPLE}\`\`\`

| field     | meaning                                                                                             |
| --------- | --------------------------------------------------------------------------------------------------- |
| \`time\`    | RFC 3339, UTC, milliseconds                                                                         |
| \`level\`   | \`warn\`, or \`info\` where nothing has to be done                                                   |
| \`logger\`  | \`duotel\`; \`opentelemetry\` for the SDK's own messages, which \`OTEL_LOG_LEVEL\` asks for, without code |
| \`code\`    | stable; alert on it                                                                                 |
| \`message\` | what happened here, one line, no secrets                                                            |
| \`remedy\`  | what to do about the code                                                                           |
| \`pid\`     | process that says it                                                                                |

Lines before the configuration is read follow the environment. What \`OTEL_*_EXPORTER=console\` prints is not a notice and
stays text.

${entries.join('\n')}`;
}
