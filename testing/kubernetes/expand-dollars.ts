/** What the kubelet makes of `$(NAME)` and `$$` in variables, commands and arguments (third_party/forked/golang/expansion). */
export function expandDollars(text: string, values: ReadonlyMap<string, string>): string {
  let result = ''
  for (let index = 0; index < text.length; index += 1) {
    const next = text[index + 1]
    if (text[index] !== '$' || next === undefined) {
      result += text[index]
    } else if (next === '$') {
      result += '$'
      index += 1
    } else if (next === '(') {
      const end = text.indexOf(')', index)
      if (end < 0) {
        result += '$('
        index += 1
        continue
      }
      const name = text.slice(index + 2, end)
      result += values.get(name) ?? `$(${name})`
      index = end
    } else {
      result += `$${next}`
      index += 1
    }
  }
  return result
}
