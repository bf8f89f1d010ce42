/** Texts that cost a parser much more than their size says (T12), each below 1 MiB unless its name says otherwise. */
export const yamlBombs: Readonly<Record<string, string>> = {
  'an alias bomb of a billion items': `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij')
    .map((name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(9)}]`)
    .join('\n')}`,
  'two hundred aliases': `a: &a 1\nb: [${'*a,'.repeat(200)}]`,
  'a merge list of 55 kB': `a: &a {${Array.from({ length: 400 }, (_, at) => `k${at}: 1`).join(', ')}}\nb: {<<: [${'*a, '.repeat(12_000)}]}`,
  'flow nesting 20,000 deep': '['.repeat(20_000),
  'closed flow nesting 5,000 deep': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  'map nesting 20,000 deep': '{a: '.repeat(20_000),
  'compact nesting 20,000 deep': `${'- '.repeat(20_000)}x`,
  'key nesting 20,000 deep': `${'? '.repeat(20_000)}x`,
  'block nesting 300 deep': Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'more than 1 MiB': `a: ${'x'.repeat(1024 * 1024)}`,
  '500,000 list items': `a: [${'x,'.repeat(500_000)}]`,
  '400,000 empty comments': `${'#\n'.repeat(400_000)}a: 1`,
}

/** Valid and within every limit, yet slow: it must be read apart. */
export const slowYaml = `a:\n${Array.from({ length: 4_000 }, (_, at) => `  key${at}: {value: ${at}}`).join('\n')}\n`
