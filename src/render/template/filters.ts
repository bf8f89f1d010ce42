import type { TemplateFilter } from 'nunjitsu'

/**
 * Filters that make an answer safe where it stands. `dump` (built in) writes JSON, which is also a YAML, TOML,
 * JavaScript and TypeScript string. `markdown` makes text stay text, `score` keeps `$` from becoming a Score placeholder.
 */
export const templateFilters: Readonly<Record<string, TemplateFilter>> = {
  markdown: (input) => asText(input).replace(/[\\`*_{}[\]()<>#+\-.!|&~$:@"'=^]/g, (mark) => `&#${mark.charCodeAt(0)};`),
  score: (input) => asText(input).replaceAll('$', '$$$$'),
}

function asText(input: unknown): string {
  return typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input)
}
