/** What each setting means, for docs/reference/settings.md. The generator fails when one is missing here or gone. */

/** A sentence per field. */
export type About = Readonly<Record<string, string>>

export const variables: Readonly<Record<string, { readonly otherwise: string; readonly about: string }>> = {
  FAIRWAY_DATA: {
    otherwise: '`.fairway/` in the checkout',
    about: 'the data folder: the whole state of a platform. Commands find the platform and its login key there',
  },
  FAIRWAY_CONFIG: {
    otherwise: '`seed/fairway.yaml` of the checkout',
    about:
      'the fairway.yaml of this start: it chooses the adapters, and goes into the platform repository when that is made',
  },
  FAIRWAY_KEYS: {
    otherwise: 'the data folder, made at the first start',
    about:
      'folder of the keys that every replica must share: audit-key, image-key, login-key, otlp-secret, vault-key, and image-keys if older ones are still trusted. `fairway keys create FOLDER` makes them',
  },
  FAIRWAY_PORT: { otherwise: '7007', about: 'portal, API and Git over HTTP' },
  FAIRWAY_GATEWAY_PORT: { otherwise: '7080', about: 'services, as `http://<service>.<environment>.localhost:7080`' },
  FAIRWAY_HOST: { otherwise: '127.0.0.1', about: 'address to listen on; only loopback addresses are accepted' },
  FAIRWAY_OUTSIDE: {
    otherwise: '–',
    about:
      '`HOST:PORT` where other machines reach `/healthz`, `/readyz` and the signed hooks of products, and nothing else ([Kubernetes](../guide/kubernetes.md))',
  },
  FAIRWAY_DATABASE_URL: { otherwise: 'the embedded PostgreSQL', about: 'a PostgreSQL of your own' },
  FAIRWAY_SERVER: {
    otherwise: 'the platform that runs on the data folder, else `http://localhost:7007`',
    about: 'where the command line goes; `--server` wins over it',
  },
  FAIRWAY_TOKEN: {
    otherwise: '–',
    about: 'a session for the command line, instead of the saved ones; `--as` wins over it',
  },
  FAIRWAY_DEBUG: { otherwise: '–', about: 'any text: the command line prints the stack of an error that has no code' },
}

export const ofWorkloads: About = {
  FAIRWAY_SERVICE: 'name of the service',
  FAIRWAY_ENVIRONMENT: 'name of the environment',
  FAIRWAY_RELEASE: 'version of the release',
  'FAIRWAY_SERVICE_<NAME>_URL': 'address of a service named as a resource of type `service` in score.yaml',
  'OTEL_EXPORTER_OTLP_ENDPOINT and other OTEL_*': 'where signals go, and as whose',
  PORT: 'where to listen, unless score.yaml says it',
}

const header: About = {
  apiVersion: 'version of the format',
  kind: 'what the file is',
}

const behind: About = {
  gitHost: 'keeps repositories and change requests',
  ci: 'runs pipelines',
  artifacts: 'keeps images',
  delivery: 'makes the delivery repository so',
  policy: 'gives verdicts',
  admission: 'guards the door of the cluster',
  identity: 'knows people',
  secrets: 'keeps values of secrets',
  metrics: 'is asked for metrics',
  logs: 'is asked for logs',
  traces: 'is asked for traces',
}

const adapters: About = {
  ...Object.fromEntries(
    Object.entries(behind).map(([port, does]) => [
      `spec.adapters.${port}`,
      `what ${does}: \`local\`, the embedded adapter, or \`{ product: NAME, … }\` with that product’s options ([products](../adapters/readme.md)). Read at the start, from the file that FAIRWAY_CONFIG names`,
    ]),
  ),
  'spec.adapters.signals': 'older name for metrics, logs and traces together; `local` only',
}

export const files = {
  'fairway.yaml': {
    about: 'In the platform repository: what holds for the whole platform.',
    fields: {
      ...header,
      'metadata.name': 'for people; nothing reads it',
      'spec.serviceReview':
        '`none`: members of the owning team push to main. `one`: main takes reviewed change requests only. Read when a repository is made and when a change request is judged',
      'spec.deliveryLayout': 'one delivery repository for everything; the only layout so far',
      ...adapters,
    },
  },
  'environments/<name>.yaml': {
    about: 'In the platform repository, one file per environment, named after it.',
    fields: {
      ...header,
      'metadata.name': 'name: 2 to 40 lower-case letters, digits and hyphens; also the file’s',
      'metadata.title': 'name for people',
      'metadata.description': 'one sentence for people',
      'spec.order': 'position in the promotion order; releases of main arrive in the first by themselves',
      'spec.approval': 'who must agree to a promotion: nobody, or somebody who did not contribute',
      'spec.rollback': 'whether a rollback to a healthy deployment needs that approval, too',
      'spec.rolloutSeconds': 'how long a rollout may take to become ready before it is given up',
      'spec.defaults.replicas': 'replicas of a service that says nothing else',
      'spec.defaults.resources.requests.cpu': 'processor share that is asked for, as `50m`',
      'spec.defaults.resources.requests.memory': 'memory that is asked for, as `96Mi`',
      'spec.defaults.resources.limits.cpu': 'processor share at most',
      'spec.defaults.resources.limits.memory': 'memory at most',
      'spec.registries': 'beginnings of the image names that may run here',
      'spec.logRetentionDays': 'days that logs are kept',
      'spec.devSecrets':
        '`allow` lets `fairway dev` hand values of secrets to members of the owning team; in the first environment only',
      'spec.quota.pods': 'where the environment is a cluster: pods that one team may have',
      'spec.quota.cpu': 'processors that one team’s pods may ask for together',
      'spec.quota.memory': 'memory that one team’s pods may ask for, and may reach, together',
    },
  },
  '.fairway/environments/<environment>.yaml': {
    about: 'In a service’s repository: what differs from the environment’s defaults. The file may be absent.',
    fields: {
      ...header,
      replicas: 'instances',
      'resources.requests.cpu': 'as in the environment; requests need both cpu and memory',
      'resources.requests.memory': 'as in the environment',
      'resources.limits.cpu': 'as in the environment; limits need both',
      'resources.limits.memory': 'as in the environment',
      'variables.<key>':
        'a variable of every container of the release, as it stands: no placeholders. `FAIRWAY_` is the platform’s',
      hosts: 'more host names for the service',
    },
  },
  '.fairway/pipeline.yaml': {
    about: 'In a service’s repository: how a commit becomes the folder that goes into the image.',
    fields: {
      ...header,
      'spec.node': 'major version of Node.js for steps and image',
      'spec.install.lockfile':
        'lock file that is installed with `npm ci` before the steps; left out: nothing is installed',
      'spec.dev.run':
        'program and arguments with which `fairway dev` runs the service from source; it starts itself again when a file changes',
      'spec.steps[].name': 'name of the step, once per pipeline',
      'spec.steps[].run': 'program and arguments; there is no shell. The first step that fails ends the pipeline',
      'spec.output.folder': 'folder that goes into the image',
      'spec.output.entry': 'arguments that Node.js starts with there',
    },
  },
} as const
