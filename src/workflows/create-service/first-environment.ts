import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { defineStep } from '../engine/step.ts'

/** Where a new service goes first: the environment with the lowest order when the run came here. */
export const firstEnvironmentStep = defineStep({
  name: 'first-environment',
  title: 'Choose first environment',
  input: z.object({}),
  output: z.object({ environment: z.string() }),
  describe: () => 'The first environment in promotion order',
  effect: ({ environment }) => `The first environment is ${environment}`,
  async run({ platform }) {
    const [first] = (await platform.settings()).environments
    if (!first) throw new PlatformError('SETTINGS_INVALID', 'the platform repository has no environment')
    return { environment: first.metadata.name }
  },
})
