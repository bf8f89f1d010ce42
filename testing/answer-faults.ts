import { checkAnswers } from '#render/template/check-answers.ts'
import { parseTemplate, type Template } from '#render/template/parse-template.ts'
import { lockPath, renderTemplateHere } from '#render/template/render-template.ts'
import { type Example, goldenCommit } from './golden-paths.ts'
import { answersThatDiffer } from './hostile-text.ts'
import { readStructured } from './read-structured.ts'

/** Asks an example's golden path one of its free questions with a text of your choice. */
export function answerProbe(example: Example) {
  const template = parseTemplate(example.template)
  const render = (answers: Record<string, unknown>) =>
    readStructured(renderTemplateHere({ files: example.template, answers, facts: { commit: goldenCommit } }))
  const plain = render(example.answers)
  return {
    questions: freeQuestions(template),
    /** Undefined when the text is refused; else every place where it became anything but that text. */
    faults(name: string, text: string): string[] | undefined {
      const answers = { ...example.answers, [name]: text }
      if (text === '' || checkAnswers(template, answers).errors.length > 0) return undefined
      const rendered = render(answers)
      const [[lock]] = rendered.get(lockPath) as [[{ answers: Record<string, unknown> }]]
      const kept = lock.answers[name] === text ? [] : [`${lockPath}: ${name} is not the answer`]
      const before = String((example.answers[name] ?? template.questions.get(name)?.question.default ?? '') as string)
      return [...kept, ...answersThatDiffer(plain, rendered, { before, after: text })]
    },
  }
}

function freeQuestions({ questions }: Template): string[] {
  const free = [...questions].filter(([, { question }]) => question.type === 'string' && !question.enum)
  return free.map(([name]) => name)
}
