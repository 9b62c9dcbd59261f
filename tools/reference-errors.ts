/**
 * The page of error classes and rules, from the tables of the classifier.
 */
import type { ClassifierRule } from '../src/errors/classifier-rule.ts';
import { RULES } from '../src/errors/classify.ts';
import { ERROR_CLASSES, TRAITS } from '../src/errors/error-class.ts';
import { HOSTS, PACKAGES, type Source } from '../src/errors/origins.ts';

/** Markdown of `docs/reference/errors.md`. */
export function renderErrorsReference(): string {
  return `# Errors: classes and rules

Generated from \`src/errors/\` by \`npm run generate\`. What is done with errors: [Errors](../guides/errors.md).

## Classes

The class is \`error.type\` of spans, log records and \`duotel_errors_total\` (as label \`error_type\`).

| class | severity | retryable | what to do |
| --- | --- | --- | --- |
${rows(ERROR_CLASSES.map((name) => classRow(name)))}

## Rules

An error is asked, then its \`cause\`, and the \`errors\` of an aggregate, ten of them at most. The first row that holds for
one of them decides: rows about what was thrown come first, then the HTTP status, then words of the message. A row
without severity or retryable has those of its class. A \`*\` stands for any characters.

| rule | for errors of | holds for | class | severity | retryable |
| --- | --- | --- | --- | --- | --- |
${rows(RULES.map(ruleRow))}

\`answer\` is an error made to answer a client with (http-errors, Nest, Boom): the client's mistake, so its severity is low.

## Providers

\`error.provider\` is where an error comes from, by its shape, the address that was asked, or the nearest package in its
stack; \`node\` for errors of the system, \`unknown\` for the rest. A bundled program has no packages in its stacks.

| package or address | provider | rules of |
| --- | --- | --- |
${rows([...Object.entries(PACKAGES), ...Object.entries(HOSTS)].map(sourceRow))}
`;
}

function classRow(name: (typeof ERROR_CLASSES)[number]): readonly string[] {
  const { severity, retryable, recommendedAction } = TRAITS[name];
  return [code(name), severity, yesOrNo(retryable), recommendedAction];
}

function ruleRow({ name, origins, errorClass, severity, retryable, ...conditions }: ClassifierRule): readonly string[] {
  return [
    code(name),
    origins?.join(', ') ?? 'anybody',
    describe(conditions),
    code(errorClass),
    severity ?? '',
    retryable === undefined ? '' : yesOrNo(retryable),
  ];
}

function describe({ types, codes, statuses, message }: Omit<ClassifierRule, 'name' | 'errorClass'>): string {
  const parts = [
    types && `type ${types.map(code).join(', ')}`,
    codes && `code ${codes.map(code).join(', ')}`,
    statuses && `status ${statuses.map(code).join(', ')}`,
    message && `message ${code(String(message))}`,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

function sourceRow([name, { provider, origin }]: readonly [string, Source]): readonly string[] {
  return [code(name), code(provider), origin];
}

function rows(cells: readonly (readonly string[])[]): string {
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** A bar would end the cell, in code too. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
