import { readTour } from '#services/tour/read-tour.ts'
import { previewTour, takeTour } from '#services/tour/take-tour.ts'
import * as contract from '../contract/tour.ts'
import { handle } from '../handler.ts'
import type { ApiContext } from './context.ts'

export function tourHandlers({ platform }: ApiContext) {
  return [
    handle(contract.readTour, ({ caller, params }) => readTour(platform, caller, params.name)),
    handle(contract.takeTour, async ({ caller, params, body }) => {
      const request = { name: params.name, act: body.act }
      if (body.dryRun) return { preview: await previewTour(platform, caller, request) }
      return takeTour(platform, caller, request)
    }),
  ]
}
