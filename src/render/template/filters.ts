import type { TemplateFilter } from 'nunjitsu'

/**
 * Filters that make an answer safe where it stands. `dump` (built in) writes JSON, which is also a string of YAML,
 * TOML, JavaScript and TypeScript. `markdown` lets text be nothing but text, `score` keeps `$` from beginning a placeholder.
 */
export const templateFilters: Readonly<Record<string, TemplateFilter>> = {
  markdown: (input) => asText(input).split('\n').map(markdownLine).join('\n'),
  score: (input) => asText(input).replaceAll('$', '$$$$'),
}

// Lists, numbers, underlines of headings and indented code matter at the beginning of a line only.
function markdownLine(line: string): string {
  return line
    .replaceAll(/[\\`*_[\]<>&|~#$!]/g, '\\$&')
    .replace(/^[ \t]+/, (indent) => '&#32;'.repeat(indent.length))
    .replace(/^((?:&#32;)*)([-+=])/, '$1\\$2')
    .replace(/^((?:&#32;)*\d+)([.)])/, '$1\\$2')
}

function asText(input: unknown): string {
  return typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input)
}
