import { useEffect, useState } from 'react'
import { type Answer, type Answers, defaultsOf, type QuestionPage } from './questions.ts'

/** Answers of a form, kept over reloads and wrong turns until they were used. Errors show for what was touched. */
export function useAnswers(form: string, pages: readonly QuestionPage[], owner: string | undefined) {
  const place = `fairway-answers-${form}`
  const [answers, setAnswers] = useState<Answers>(() => ({
    ...(owner && { owner }),
    ...defaultsOf(pages),
    ...remembered(place),
  }))
  const [touched, setTouched] = useState<ReadonlySet<string>>(() => new Set(Object.keys(remembered(place))))
  useEffect(() => sessionStorage.setItem(place, JSON.stringify(answers)), [place, answers])
  const touch = (key: string) => setTouched((known) => new Set([...known, key]))
  return {
    answers,
    touched,
    answer: (key: string, value: Answer) => setAnswers((known) => ({ ...known, [key]: value })),
    touch,
    touchAll: () => setTouched(new Set(pages.flatMap(({ questions }) => questions.map(({ key }) => key)))),
    forget: () => sessionStorage.removeItem(place),
  }
}

function remembered(place: string): Answers {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? '{}') as Answers
  } catch {
    return {}
  }
}
