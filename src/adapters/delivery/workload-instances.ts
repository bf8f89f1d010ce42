import type { Pod } from '#lib/kubernetes/workload-schema.ts'
import { isReady, type Workload } from '#lib/kubernetes/workload.ts'
import type { LiveResource } from '#model/deployment.ts'

type Instance = LiveResource['instances'][number]

/** The pods of a workload as instances. */
export function instancesOf({ pods }: Workload): Instance[] {
  return pods.map((pod) => {
    const [main] = pod.status.containerStatuses
    const ended = main?.lastState.terminated ?? main?.state.terminated
    return {
      id: pod.metadata.name,
      state: stateOf(pod),
      version: versionOf(pod),
      startedAt: new Date(pod.status.startTime ?? pod.metadata.creationTimestamp).toISOString(),
      restarts: main?.restartCount ?? 0,
      ...(ended && { lastExit: `exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}` }),
    }
  })
}

function stateOf(pod: Pod): Instance['state'] {
  if (pod.metadata.deletionTimestamp) return 'stopping'
  if (isReady(pod)) return 'ready'
  const [main] = pod.status.containerStatuses
  if (main?.state.terminated || main?.state.waiting?.reason === 'CrashLoopBackOff') return 'crashed'
  return main?.state.running ? 'not-ready' : 'starting'
}

function versionOf({ metadata, spec }: Pod): string {
  const named = spec.containers.flatMap(({ env }) => env).find(({ name }) => name === 'FAIRWAY_RELEASE')
  return named?.value ?? metadata.labels['app.kubernetes.io/version'] ?? 'unknown'
}
