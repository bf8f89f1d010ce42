import { describeProductFaults } from '../../../../testing/product-faults.ts'
import { jaegerTraces } from './jaeger.ts'
import { JaegerOptions } from './options.ts'

const scope = { service: 'shop', environment: 'dev' }

describeProductFaults({
  product: 'Jaeger',
  async read(url, token) {
    const traces = jaegerTraces(JaegerOptions.parse({ url, token }), { timeoutMs: 3_000 })
    const range = { from: '2026-11-01T10:00:00.000Z', to: '2026-11-01T11:00:00.000Z' }
    const list = traces.list(scope, { range, limit: 10 })
    const [one] = await Promise.allSettled([traces.read(scope, 'a'.repeat(32)), list])
    return one.status === 'fulfilled' ? one.value : list
  },
})
