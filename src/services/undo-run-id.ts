/** The id of the run that undoes a run: one undo per run, repeating finds it. */
export function undoRunId(id: string): string {
  return `u${id.slice(1)}`
}
