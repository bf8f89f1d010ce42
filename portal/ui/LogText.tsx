import Anser from 'anser'

/** A line as its program coloured it, with what was searched for marked; control sequences never reach the page. */
export function LogText({ text, found }: { text: string; found?: string | undefined }) {
  if (!text.includes('\u001b')) return <Marked text={text || ' '} found={found} />
  return (
    <>
      {Anser.ansiToJson(text, { use_classes: true, remove_empty: true }).map((part, index) => (
        // parts of one line never move
        // oxlint-disable-next-line react/no-array-index-key
        <span
          key={index}
          className={toneOf(part.fg)}
          style={part.decorations.includes('bold') ? { fontWeight: 700 } : undefined}
        >
          <Marked text={part.content} found={found} />
        </span>
      ))}
    </>
  )
}

function Marked({ text, found }: { text: string; found: string | undefined }) {
  if (!found || !text.includes(found)) return <>{text}</>
  return (
    <>
      {text.split(found).map((part, index) => (
        // parts of one line never move
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index}>
          {index > 0 && <mark>{found}</mark>}
          {part}
        </span>
      ))}
    </>
  )
}

// Eight terminal colours become the portal's few, which are readable in both schemes.
function toneOf(colour: string | null): string | undefined {
  if (!colour) return undefined
  if (colour.includes('red')) return 'bad'
  if (colour.includes('green')) return 'good'
  if (colour.includes('yellow')) return 'warn'
  if (colour.includes('blue') || colour.includes('cyan') || colour.includes('magenta')) return 'busy'
  return colour.includes('black') ? 'mute' : undefined
}
