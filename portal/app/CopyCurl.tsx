import { curlOf, type Asking } from '@fairway/curl'
import { CopyLater } from '../ui/Copy.tsx'

/** The request of a button as a line for a shell: `asking` is the very function that the button sends with. */
export function CopyCurl({ asking, of }: { asking: Asking; of?: string }) {
  return <CopyLater label="Copy as curl" {...(of && { of })} text={() => curlOf(asking, location.origin)} />
}
