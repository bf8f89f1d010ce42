import { shellWord } from '@fairway/curl'
import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { paths } from '../app/paths.ts'
import { queries } from '../app/queries.ts'
import { useAddress } from '../app/search.ts'
import { GoButton } from '../app/links.tsx'
import { ownersFor } from '../forms/ownersFor.ts'
import { type Answers, questionPages, requestOf } from '../forms/questions.ts'
import { SchemaField } from '../forms/SchemaField.tsx'
import { useAnswers } from '../forms/useAnswers.ts'
import type { GoldenPath, Person } from '../model.ts'
import { Card } from '../ui/Card.tsx'
import { CopyCli } from '../ui/Copy.tsx'
import { Findings } from '../ui/Findings.tsx'
import { Loaded } from '../ui/Loaded.tsx'
import { Page } from '../ui/Page.tsx'
import { CreatePreview } from './CreatePreview.tsx'
import { useCheck } from './useCheck.ts'

/** A golden path's questions with live verdicts, then everything it would make, then the run. */
export function WizardPage() {
  const { template } = useParams({ strict: false }) as { template: string }
  const path = useQuery(queries.template(template))
  const me = useQuery(queries.me())
  return (
    <Loaded query={path} lines={10}>
      {(goldenPath) => (
        <Loaded query={me}>{({ person }) => <Wizard key={template} path={goldenPath} person={person} />}</Loaded>
      )}
    </Loaded>
  )
}

function Wizard({ path, person }: { path: GoldenPath; person: Person }) {
  const [{ step }, set] = useAddress()
  const pages = questionPages(path)
  const { answers, touched, answer, touch, touchAll, forget } = useAnswers(path.name, pages, person.teams[0])
  const check = useCheck(path.name, answers)
  const people = useQuery(queries.people())
  const owners = ownersFor(
    person,
    (people.data?.teams ?? []).map(({ name }) => name),
  )
  const previewing = step === 'preview'
  const goOn = () => {
    touchAll()
    if (check.settled && check.errors.size === 0 && check.verdict?.allowed !== false) set({ step: 'preview' })
    else document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }
  const cli = commandFor(path.name, answers)
  return (
    <Page
      title={`New ${path.title}`}
      subtitle={previewing ? 'Step 2 of 2: look at everything before it exists' : 'Step 1 of 2: answer a few questions'}
      actions={<CopyCli command={cli} />}
    >
      {previewing ? (
        <CreatePreview template={path.name} answers={answers} back={() => set({ step: undefined })} done={forget} />
      ) : (
        <form
          className="two"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            goOn()
          }}
        >
          <div className="stack">
            {pages.map((page) => (
              <Card key={page.title} title={page.title}>
                <div className="stack">
                  {page.description && <Text size="sm">{page.description}</Text>}
                  {page.questions.map((question) => (
                    <SchemaField
                      key={question.key}
                      question={question}
                      value={answers[question.key]}
                      owners={owners}
                      error={touched.has(question.key) ? check.errors.get(question.key) : undefined}
                      set={(value) => answer(question.key, value)}
                      leave={() => touch(question.key)}
                    />
                  ))}
                </div>
              </Card>
            ))}
            <Group>
              <Button type="submit" size="sm">
                Preview
              </Button>
              <GoButton to={paths.create} variant="default" size="sm">
                Back to golden paths
              </GoButton>
            </Group>
          </div>
          <Beside path={path} check={check} touched={touched} />
        </form>
      )}
    </Page>
  )
}

function Beside({
  path,
  check,
  touched,
}: {
  path: GoldenPath
  check: ReturnType<typeof useCheck>
  touched: ReadonlySet<string>
}) {
  const shown = [...check.errors].filter(([key]) => touched.has(key))
  return (
    <div className="stack">
      <Card title="What the rules say">
        <div aria-live="polite">
          {check.failed ? (
            <Text size="sm">The check does not answer; the preview will ask again.</Text>
          ) : check.verdict ? (
            <Findings verdict={check.verdict} />
          ) : (
            <Text size="sm" c="dimmed">
              {shown.length > 0
                ? `${shown.length} ${shown.length === 1 ? 'answer needs' : 'answers need'} a look first.`
                : 'Said while you type, once name and owner are there.'}
            </Text>
          )}
        </div>
      </Card>
      <Card title="What will be made">
        <ol style={{ margin: 0, paddingLeft: 18, fontSize: 13 }}>
          {path.makes.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </Card>
    </div>
  )
}

function commandFor(template: string, answers: Answers): string {
  const { name, owner, values } = requestOf(answers)
  const sets = Object.entries(values).map(
    ([key, value]) => ` --set ${key}=${shellWord(Array.isArray(value) ? value.join(',') : String(value))}`,
  )
  return `fairway new --template ${template} --name ${name || 'NAME'} --owner ${owner || 'TEAM'}${sets.join('')} --wait`
}
