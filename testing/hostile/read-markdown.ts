/**
 * The plain words of a Markdown text by the rules of CommonMark, or an error where any of it would be more than words:
 * emphasis, code, a link, HTML, a heading, a list, a table. Only what the filter `markdown` may write is understood.
 */
export function readMarkdown(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map(readLine)
    .join(' ')
    .replaceAll(/[ \t]+/g, ' ')
    .trim()
}

const special = /[\\`*_[\]<>&|~#$!]/

function readLine(line: string): string {
  if (/^ {4}|^\t/.test(line)) throw new Error('indented code')
  if (/^ {0,3}([-+=]|\d{1,9}[.)])/.test(line)) throw new Error('a list, a rule or an underline')
  let words = ''
  for (let at = 0; at < line.length; at += 1) {
    const rest = line.slice(at)
    if (rest.startsWith('&#32;')) {
      words += ' '
      at += 4
    } else if (rest.startsWith('\\') && /^\\[!-/:-@[-`{-~]/.test(rest)) {
      words += rest[1]
      at += 1
    } else if (special.test(rest[0] ?? '')) throw new Error(`${rest.slice(0, 5)} is not only words`)
    else words += rest[0]
  }
  return words
}
