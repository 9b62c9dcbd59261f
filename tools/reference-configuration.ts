/**
 * The page of variables, from the table that parses them.
 */
import { SOURCES, type Variable } from '../src/config/variable.ts';
import { VARIABLES } from '../src/config/variables/index.ts';

/** Markdown of `docs/reference/configuration.md`. */
export function renderConfigurationReference(): string {
  const sections = [...new Set(VARIABLES.map(({ section }) => section))];
  return `# Configuration

Generated from \`src/config/variables/\` by \`npm run generate\`.

Every value is looked up in this order: options in code, then the configuration file if \`OTEL_CONFIG_FILE\` names one
(it replaces all other \`OTEL_*\` variables), otherwise the environment, then what the Grafana Cloud variables imply,
then the default. An empty value counts as unset. A value that cannot be used leaves the default in force and is named
in one line on stderr. \`start({ variables: { NAME: 'value' } })\` sets any of these variables in code.

With nothing set, nothing leaves the process.

${sections.map(renderSection).join('\n')}
## Sources

${Object.entries(SOURCES).map(renderSource).join('\n')}
`;
}

function renderSection(section: string): string {
  const rows = VARIABLES.filter((variable) => variable.section === section).map(renderRow);
  return `## ${section}

| Variable | Value | Default | Meaning | Source |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function renderRow(variable: Variable): string {
  const { name, kind, description, source, option, secret, unavailable } = variable;
  const remarks = [
    description,
    ...(option === undefined ? [] : [`In code: option \`${option}\`.`]),
    ...(secret ? ['Secret: never shown.'] : []),
    ...(unavailable === undefined ? [] : [`Not in this version: ${unavailable.feature}. ${unavailable.instead}`]),
  ];
  const standard = variable.default === undefined ? '' : `\`${variable.default}\``;
  return `| ${[`\`${name}\``, kind.expects, standard, remarks.join(' '), source].map(escapeCell).join(' | ')} |`;
}

function renderSource([name, { title, url }]: [string, { readonly title: string; readonly url?: string }]): string {
  return `- ${name}: ${url === undefined ? title : `[${title}](${url})`}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;');
}
