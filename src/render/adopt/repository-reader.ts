export interface RepositoryReader {
  /** The text of a regular file of what is adopted; undefined when it is absent, a link, too large or lies outside. */
  text(path: string): Promise<string | undefined>
  /** Whether anything has that name, a broken link included. */
  has(path: string): Promise<boolean>
}

/** The characters that a pipeline takes in a path, and no way out of the folder. */
export function isInside(path: string): boolean {
  return /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\/\/)[A-Za-z0-9._@/-]{1,200}(?<!\/)$/.test(path)
}
