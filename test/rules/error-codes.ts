import type { CheckedFile, Violation } from './checkout.ts'

/** docs/reference/errors.md has exactly the codes of the catalogue, each under its own heading. */
export function errorCodes(codes: readonly string[], { path, text }: CheckedFile): Violation[] {
  const documented = [...text.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code ?? '')
  const missing = codes.filter((code) => !documented.includes(code))
  const unknown = documented.filter((code) => !codes.includes(code))
  return [
    ...missing.map((code) => ({ path, message: `does not document ${code}; run npm run generate` })),
    ...unknown.map((code) => ({ path, message: `documents ${code}, which the catalogue does not have` })),
  ]
}
