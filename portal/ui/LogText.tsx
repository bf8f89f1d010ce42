import Anser from 'anser'

/** A line as its program coloured it; control sequences never reach the page. */
export function LogText({ text }: { text: string }) {
  if (!text.includes('\u001b')) return <>{text || ' '}</>
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
          {part.content}
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
