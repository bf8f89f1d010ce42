export interface Refusal {
  readonly title: string
  readonly argv: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly exit: number
  readonly code: string
  /** What standard error says besides the code: the cause, or what to do. */
  readonly says: RegExp
}

/** Commands that cannot succeed on a platform with one service `shop` of team-a, for somebody signed in as dev. */
export const refusals: readonly Refusal[] = [
  {
    title: 'a name that is taken',
    argv: create({ name: 'shop' }),
    exit: 6,
    code: 'NAME_TAKEN',
    says: /choose another name/,
  },
  { title: 'a name that is none', argv: create({ name: 'Shop_1' }), exit: 2, code: 'NAME_INVALID', says: /lower-case/ },
  {
    title: 'an owner nobody knows',
    argv: create({ owner: 'team-x' }),
    exit: 2,
    code: 'OWNER_UNKNOWN',
    says: /known: .*team-a/,
  },
  { title: 'a team of other people', argv: create({ owner: 'team-b' }), exit: 4, code: 'NOT_ALLOWED', says: /team-b/ },
  {
    title: 'a golden path nobody knows',
    argv: create({ template: 'http-apy' }),
    exit: 5,
    code: 'TEMPLATE_UNKNOWN',
    says: /known: .*http-api/,
  },
  {
    title: 'a required answer that is missing',
    argv: ['new', '--template', 'http-api', '--owner', 'team-a'],
    exit: 2,
    code: 'USAGE',
    says: /--name/,
  },
  {
    title: 'an answer that is too short',
    argv: create({}, 'description=ab'),
    exit: 2,
    code: 'ANSWER_INVALID',
    says: /description/,
  },
  {
    title: 'an answer that holds template code',
    argv: create({}, `greeting=$\{{ secrets.TOKEN }}`),
    exit: 2,
    code: 'ANSWER_INVALID',
    says: /greeting/,
  },
  {
    title: 'an answer with a line break',
    argv: create({}, 'greeting=Hello\nenv: production'),
    exit: 2,
    code: 'ANSWER_INVALID',
    says: /greeting/,
  },
  {
    title: 'an answer to no question',
    argv: create({}, 'colour=red'),
    exit: 2,
    code: 'ANSWER_INVALID',
    says: /colour/,
  },
  { title: 'an answer without a value', argv: create({}, 'greeting'), exit: 2, code: 'USAGE', says: /key=value/ },
  {
    title: 'a service nobody knows',
    argv: ['status', 'shap', '--json'],
    exit: 5,
    code: 'SERVICE_UNKNOWN',
    says: /fairway catalog list/,
  },
  {
    title: 'an environment nobody knows',
    argv: ['promote', 'shop', '--to', 'moon', '--json'],
    exit: 5,
    code: 'ENVIRONMENT_UNKNOWN',
    says: /staging/,
  },
  {
    title: 'a promotion of nothing',
    argv: ['promote', 'shop', '--to', 'production'],
    exit: 6,
    code: 'NOTHING_TO_PROMOTE',
    says: /staging/,
  },
  {
    title: 'a rollback with nothing to go back to',
    argv: ['rollback', 'shop', '--env', 'dev'],
    exit: 5,
    code: 'NO_EARLIER_RELEASE',
    says: /dev/,
  },
  {
    title: 'a run nobody knows',
    argv: ['run', 'show', 'r000000000'],
    exit: 5,
    code: 'RUN_UNKNOWN',
    says: /fairway run list/,
  },
  {
    title: 'a person who is not signed in',
    argv: ['status', 'shop', '--as', 'dev3'],
    exit: 4,
    code: 'NOT_SIGNED_IN',
    says: /fairway login --as dev3/,
  },
  {
    title: 'a server that is not there',
    argv: ['login', '--as', 'dev', '--server', 'http://localhost:9'],
    exit: 7,
    code: 'SERVER_UNREACHABLE',
    says: /npm start/,
  },
]

function create(
  { template = 'http-api', name = 'cart', owner = 'team-a' }: { template?: string; name?: string; owner?: string },
  answer?: string,
): string[] {
  const set = answer === undefined ? [] : ['--set', answer]
  return ['new', '--template', template, '--name', name, '--owner', owner, ...set, '--wait', '--json']
}
