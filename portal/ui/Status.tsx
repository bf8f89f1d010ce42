import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconClockPause,
  IconHelpCircle,
  IconLoader2,
} from '@tabler/icons-react'
import { type Sign, wordFor } from './vocabulary.ts'

const signs: Readonly<Record<Sign, typeof IconLoader2>> = {
  check: IconCircleCheckFilled,
  cross: IconCircleXFilled,
  alert: IconAlertTriangle,
  turning: IconLoader2,
  wait: IconClockPause,
  dash: IconCircleDashed,
  back: IconArrowBackUp,
  question: IconHelpCircle,
}

/** A state as icon, word and colour, never by colour alone. */
export function Status({ state, word, quiet }: { state: string; word?: string | undefined; quiet?: boolean }) {
  const known = wordFor(state)
  const Icon = signs[known.sign]
  return (
    <span className={`status ${known.tone}${quiet ? ' alone' : ''}`}>
      <Icon size={15} aria-hidden className={known.sign === 'turning' ? 'turning' : undefined} />
      {quiet ? (
        <span className="mantine-visually-hidden" style={hidden}>
          {word ?? known.word}
        </span>
      ) : (
        (word ?? known.word)
      )}
    </span>
  )
}

const hidden = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' } as const
