import { describe } from 'node:test'
import { describeTraces } from '#ports/traces.contract.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { signalForwarder } from '../../../../testing/signal-forwarder.ts'
import { TempoOptions } from './options.ts'
import { tempoTraces } from './tempo.ts'

// Tempo's module does not resolve, so the lab builds none. Who runs one writes its facts: url and otlpUrl.
const lab = await labFacts('tempo')

describe('Tempo', { skip: lab.skip && 'no Tempo can be built here: its Go module does not resolve' }, () => {
  describeTraces('tempo', async (t) => {
    const port = tempoTraces(TempoOptions.parse({ url: lab.facts['url'], otlpUrl: lab.facts['otlpUrl'] }))
    const { write } = await signalForwarder(t, 'traces', { intakes: { traces: port.intake } })
    return { port, write }
  })
})
