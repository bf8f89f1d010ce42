/** Whether an address of others may become a link: http, https or mailto, written plainly. A browser runs or opens other schemes. */
export function isSafeLink(text: string): boolean {
  // browsers drop blanks and control characters inside a scheme: `java\nscript:` runs
  if (!/^[\x21-\x7e\u00a1-\uffff]+$/u.test(text) || !/^(https?:\/\/[^/\\]|mailto:[^/\\])/i.test(text)) return false
  return URL.canParse(text) && /^(https?|mailto):$/.test(new URL(text).protocol)
}
