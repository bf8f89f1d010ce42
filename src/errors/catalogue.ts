/** Every stable error code: its HTTP status, its exit code in the CLI, whether repeating may help, and who must act. */
export interface ErrorKind {
  readonly status: number
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
  readonly retryable: boolean
  readonly acts: 'caller' | 'operator' | 'us'
  /** One sentence for docs/reference/errors.md: when it happens and what to do. */
  readonly about: string
}

const caller = (status: number, exit: ErrorKind['exit'], about: string): ErrorKind => ({
  status,
  exit,
  retryable: false,
  acts: 'caller',
  about,
})
const operator = (status: number, exit: ErrorKind['exit'], about: string): ErrorKind => ({
  status,
  exit,
  retryable: true,
  acts: 'operator',
  about,
})

/** The key is the code. Codes never change once released; a retired one stays with a note. */
export const catalogue = {
  INPUT_INVALID: caller(422, 2, 'The request does not have the shape the API documents; `errors` names each field.'),
  BODY_TOO_LARGE: caller(413, 2, 'The request is larger than the server reads: 1 MiB at the API.'),
  NAME_INVALID: caller(
    422,
    2,
    'A name is 2 to 40 lower-case letters, digits and hyphens, begins with a letter and ends with a letter or digit.',
  ),
  NAME_TAKEN: caller(409, 6, 'A service, or a repository, of that name exists already. Choose another name.'),
  OWNER_UNKNOWN: caller(
    422,
    2,
    'The owner is not a group of the organisation. `fairway catalog list --kind Group` lists them.',
  ),
  TEMPLATE_UNKNOWN: caller(404, 5, 'No golden path has that name. `fairway template list` lists them.'),
  TEMPLATE_INVALID: operator(422, 1, 'The golden path itself is broken; its owner, the platform team, must mend it.'),
  TEMPLATE_LIMIT: operator(422, 1, 'Rendering went over its time, size or memory limit.'),
  ANSWER_MISSING: caller(422, 2, 'A required answer of the golden path is missing.'),
  ANSWER_INVALID: caller(
    422,
    2,
    'An answer does not fit the golden path: wrong type, not among the choices, or text that could be taken for template code.',
  ),
  SCORE_INVALID: caller(422, 2, 'score.yaml is not valid Score; the message names line and field.'),
  PACKAGING_INVALID: caller(
    422,
    2,
    'The chart or kustomization of a service does not render; the message has the program’s words.',
  ),
  PACKAGING_REFUSED: caller(
    422,
    2,
    'The chart or kustomization of a service holds or gives what a team may not bring; the message names the file.',
  ),
  PACKAGING_TOOL_MISSING: operator(
    503,
    2,
    'The program that renders charts or kustomizations, or the sandbox it needs, is not installed here.',
  ),
  CATALOG_INFO_INVALID: caller(422, 2, 'catalog-info.yaml is not a valid entity; the message names the field.'),
  SETTINGS_INVALID: caller(
    422,
    2,
    'A file of settings (fairway.yaml, an environment, a policy) is not valid; the message names file and field.',
  ),
  CREDENTIAL_MISSING: operator(
    500,
    4,
    'A credential that fairway.yaml points to is not there or not safe; the message names its place, never its value.',
  ),
  NOT_SIGNED_IN: caller(401, 4, 'The request carries no valid session. Sign in with `fairway login --as NAME`.'),
  LOGIN_REFUSED: caller(401, 4, 'The login key or one-time link is wrong or used up. `npm start` prints a fresh link.'),
  NOT_ALLOWED: caller(403, 4, 'Your role does not allow this act here; the message names who may.'),
  CROSS_SITE_REFUSED: caller(403, 4, 'A browser sent the request from another site, or without JSON content type.'),
  IDENTITY_NEEDS_LOOPBACK: operator(
    500,
    2,
    'Local identity works on a loopback address only. Bind to 127.0.0.1 or configure OpenID Connect.',
  ),
  NOT_FOUND: caller(404, 5, 'Nothing of that name exists, or you may not see it.'),
  SERVICE_UNKNOWN: caller(404, 5, 'No service has that name. `fairway catalog list` lists them.'),
  ENVIRONMENT_UNKNOWN: caller(404, 5, 'No environment has that name. `fairway env list` lists them.'),
  RUN_UNKNOWN: caller(404, 5, 'No run has that id.'),
  CHANGE_UNKNOWN: caller(404, 5, 'No change request has that number in that repository.'),
  REPOSITORY_UNKNOWN: caller(404, 5, 'No such repository, or you may not see it.'),
  RELEASE_UNKNOWN: caller(404, 5, 'The service has no such release.'),
  NO_EARLIER_RELEASE: caller(409, 5, 'There is no earlier healthy deployment in that environment to go back to.'),
  NOTHING_TO_PROMOTE: caller(409, 6, 'The target environment already has that release, or the source has none.'),
  DRIFT_UNKNOWN: caller(404, 5, 'There is no drift of that id; `fairway drift` lists what differs now.'),
  DRIFT_NONE: caller(409, 6, 'What is equals what was approved: there is nothing to revert or adopt.'),
  DRIFT_NOT_ADOPTABLE: caller(
    409,
    6,
    'The drift cannot become approved state: it is not a readable folder of a release, or it is on a disk and not in Git. Revert it, or make the change in the service repository.',
  ),
  TOUR_NOT_NOW: caller(
    409,
    6,
    'The tour of a first service does not offer that act now; `fairway tour` says what it offers.',
  ),
  CONFLICT: caller(409, 6, 'The object changed meanwhile. Read it again and repeat.'),
  IDEMPOTENCY_CONFLICT: caller(409, 6, 'This Idempotency-Key was used with another body.'),
  POLICY_DENIED: caller(403, 3, 'A rule denies the change; each finding says what, why and how to fix.'),
  POLICY_UNAVAILABLE: operator(503, 3, 'The policy engine gave no verdict in time; nothing passes without one.'),
  POLICY_COMPILER_MISSING: operator(
    409,
    3,
    'Changed rules need the `opa` program to compile; install it and retry the check.',
  ),
  POLICY_INVALID: caller(422, 3, 'A rule does not compile or its tests fail.'),
  APPROVAL_MISSING: caller(409, 3, 'The change still needs an approval; the message says from whom.'),
  SELF_APPROVAL: caller(403, 3, 'A contributor of a change may not approve it.'),
  CHECKS_MISSING: caller(409, 3, 'A required check has not passed on the newest commit.'),
  CHANGE_CLOSED: caller(409, 6, 'The change request is already merged or closed.'),
  MERGE_CONFLICT: caller(409, 6, 'The change no longer applies to its base branch. Rebase it.'),
  PUSH_REFUSED: caller(403, 3, 'The branch does not take this push; the message has the line to use instead.'),
  RUN_CANCELLED: caller(409, 6, 'Somebody ended the run; what it made until then stays, and can be undone.'),
  RUN_NOT_CANCELLABLE: caller(409, 6, 'Only a run that has not ended can be cancelled, and an undo goes to its end.'),
  RUN_NOT_RETRYABLE: caller(409, 6, 'Only a failed run can be retried.'),
  RUN_NOT_UNDOABLE: caller(
    409,
    6,
    'Only a failed, cancelled or waiting run can be undone; a succeeded one has rollback or delete.',
  ),
  SUPERSEDED: caller(409, 6, 'A newer promotion replaced this one.'),
  STEP_FAILED: {
    status: 500,
    exit: 1,
    retryable: true,
    acts: 'us',
    about: 'A step of a run failed; the run page has its log.',
  },
  PIPELINE_INVALID: caller(422, 1, 'The pipeline file is missing or not valid; the message names the field.'),
  PIPELINE_FAILED: caller(
    422,
    1,
    'A pipeline step of the service failed; the message names the step and its last lines.',
  ),
  IMAGE_INVALID: caller(422, 1, 'What the pipeline handed over cannot become an image.'),
  IMAGE_UNSIGNED: caller(
    409,
    3,
    'The image carries no signature of the platform, so it is neither deployed nor started. Push a commit: its release is signed.',
  ),
  IMAGE_SIGNER_UNTRUSTED: caller(
    409,
    3,
    'The image, or its provenance, is signed by a key that is not trusted here. `fairway keys list` shows the trusted ones.',
  ),
  IMAGE_SIGNATURE_INVALID: caller(
    409,
    3,
    'The signature found for the image is damaged or of another image: the artefact store was changed behind the platform.',
  ),
  PROVENANCE_MISSING: caller(409, 3, 'The provenance that the release names is not in the artefact store.'),
  PROVENANCE_MISMATCH: caller(409, 3, 'The provenance says another repository, commit or image than the release.'),
  SBOM_MISSING: caller(409, 3, 'The bill of materials that the release names is not in the artefact store.'),
  SBOM_MISMATCH: caller(
    409,
    3,
    'The bill of materials in the artefact store is not the one that was signed with the image.',
  ),
  ROLLOUT_FAILED: caller(
    422,
    8,
    'The new version never became ready; the old one keeps running. The message says why.',
  ),
  ROLLOUT_TIMEOUT: operator(504, 8, 'The runtime did not report within the time limit; its state is unknown.'),
  WORKLOAD_NOT_RUNNABLE_HERE: caller(422, 8, 'The embedded runtime cannot run this image; use Kubernetes.'),
  GIT_FAILED: operator(502, 1, 'A Git command failed; the message has its reason.'),
  GIT_HOST_UNAVAILABLE: operator(502, 7, 'The Git host could not be reached.'),
  GIT_HOST_UNAUTHORIZED: operator(502, 4, 'The Git host refused the platform’s credential.'),
  GIT_REF_INVALID: caller(422, 2, 'A branch, commit or path has characters Git or the platform refuses.'),
  DISK_FULL: operator(
    507,
    1,
    'No space is left where the platform or its database writes. Make room, then retry the run.',
  ),
  ARTIFACT_UNKNOWN: caller(404, 5, 'The artefact store has nothing under that digest.'),
  ARTIFACT_CORRUPT: operator(502, 1, 'Stored content does not match its digest.'),
  HOOK_REFUSED: caller(401, 4, 'A hook does not carry the signature that belongs to its body.'),
  PRODUCT_UNREACHABLE: operator(
    503,
    7,
    'A product behind a port does not answer; the message says which, since when and why. What it would tell is unknown until then.',
  ),
  PRODUCT_UNAUTHORISED: operator(502, 4, 'A product does not take the credential that fairway.yaml names for it.'),
  PRODUCT_FORBIDDEN: operator(502, 4, 'The credential for a product lacks a permission; the message names it.'),
  PRODUCT_RATE_LIMITED: operator(503, 7, 'A product takes no more requests for now; repeat in a moment.'),
  PRODUCT_FAILED: operator(
    502,
    1,
    'A product answered with an error, or with what nobody can read; the message says so.',
  ),
  AGENT_UNAVAILABLE: operator(
    503,
    7,
    'The agent that runs workloads does not answer; what runs keeps running, its state is unknown.',
  ),
  CLUSTER_UNREACHABLE: operator(
    503,
    7,
    'The API server of the cluster does not answer; what runs there keeps running, its state is unknown.',
  ),
  CLUSTER_UNAUTHORISED: operator(
    502,
    4,
    'The cluster does not accept the platform’s credential, or its kubeconfig cannot be read. It is read again at each use.',
  ),
  CLUSTER_FORBIDDEN: operator(
    502,
    4,
    'The platform’s account in the cluster lacks a permission; the message names the verb and the resource.',
  ),
  CLUSTER_REFUSED: caller(
    422,
    3,
    'The cluster, or a rule at its door, refused an object; the message has its sentence.',
  ),
  CLUSTER_KIND_UNKNOWN: operator(
    409,
    5,
    'The cluster does not know a kind of objects: the product that defines it is not installed there.',
  ),
  NOTHING_TO_BOOTSTRAP: caller(
    409,
    6,
    'Nothing outside the platform is pointed at the delivery repository here: this machine’s agent needs no bootstrap. fairway.yaml names a product under spec.adapters.delivery.',
  ),
  NOTHING_TO_DETACH: caller(
    409,
    6,
    'Fairway cannot take this product off the delivery repository: the agent of this machine ends with `fairway down`, and the page of another product says how.',
  ),
  CLUSTER_FAILED: operator(502, 1, 'The cluster answered something that no Kubernetes API server answers.'),
  SERVER_UNREACHABLE: operator(503, 7, 'The command line could not reach the server. Is `npm start` running?'),
  SERVER_BUSY: operator(503, 7, 'The server is overloaded or its database is not available; repeat in a moment.'),
  RATE_LIMITED: caller(429, 1, 'Too many requests; wait as long as Retry-After says.'),
  REBUILD_RUNNING: operator(409, 6, 'The index is being rebuilt already; wait for that rebuild to end.'),
  BACKUP_KEY_MISSING: operator(
    500,
    2,
    'A backup is sealed with a key that is not in it; --key-file names the file. Without it nobody can restore.',
  ),
  BACKUP_NOT_WRITTEN: operator(
    500,
    1,
    'The backup could not be written; the message says why. No file was left behind.',
  ),
  BACKUP_KEY_WRONG: operator(500, 4, 'The backup was sealed with another key than the one given.'),
  BACKUP_DAMAGED: operator(500, 1, 'The file is no backup, is cut off, or was changed. Nothing was restored.'),
  BACKUP_TOO_NEW: operator(500, 2, 'A newer Fairway wrote the backup. Restore with that version or a newer one.'),
  RESTORE_NOT_EMPTY: operator(500, 6, 'A restore goes into an empty data folder and an empty database only.'),
  AUDIT_BROKEN: operator(
    500,
    1,
    'The audit log is not the one that was linked and signed. `fairway audit verify` names the places; docs/guide/audit.md says what then.',
  ),
  PORT_TAKEN: operator(
    500,
    6,
    'Another process listens on that port. Choose one with FAIRWAY_PORT or FAIRWAY_GATEWAY_PORT.',
  ),
  ALREADY_RUNNING: operator(
    500,
    6,
    'Another Fairway runs on this data folder; the message names its process and address.',
  ),
  NODE_TOO_OLD: operator(500, 2, 'Fairway starts with Node 20 or newer.'),
  DATABASE_UNAVAILABLE: operator(503, 7, 'PostgreSQL does not answer.'),
  LOCAL_NEEDS_ONE_REPLICA: operator(
    500,
    2,
    'Embedded adapters work with one control plane only; configure real products to run more.',
  ),
  REPLICA_KEYS_DIFFER: operator(
    500,
    2,
    'Two control planes on one database must have the same keys: give both the same folder of keys by FAIRWAY_KEYS.',
  ),
  ENGINE_MISSING: operator(500, 1, 'An optional program is not installed; the message says which and what it costs.'),
  SECRET_UNKNOWN: caller(
    404,
    5,
    'The service has no secret of that name in that environment. `fairway secret list` lists them.',
  ),
  SECRET_MISSING: caller(
    409,
    3,
    'The workload asks for secrets that nobody has set in that environment; the hint has the command that sets them.',
  ),
  SECRET_IN_USE: caller(
    409,
    6,
    'The secret is still asked for by score.yaml or by what runs. Remove the reference first; a leaked value is rotated, not deleted.',
  ),
  SECRETS_UNAVAILABLE: operator(
    503,
    7,
    'The store of secrets does not answer. Nothing is kept or handed out another way; repeat, or retry the run.',
  ),
  SECRETS_UNREADABLE: operator(
    500,
    1,
    'A sealed secret does not open: the sealing key is another one, or the record was changed. Put the file `vault-key` back, or set the secret anew.',
  ),
  USAGE: caller(400, 2, 'The command line was used wrongly; the message has the right form.'),
  INTERNAL: {
    status: 500,
    exit: 1,
    retryable: true,
    acts: 'us',
    about: 'An error nobody foresaw; report it with its request id.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof catalogue
