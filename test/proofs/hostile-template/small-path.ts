import { goldenCommit } from '../../../testing/golden-paths.ts'

export const facts = { commit: goldenCommit }

/** A golden path of one skeleton that asks `name` and `text`. `values` and `condition` stand in its fetch step. */
export function smallPath(
  skeleton: Readonly<Record<string, string>>,
  { values = '${{ parameters.text }}', condition = 'true' }: { values?: string; condition?: string } = {},
): ReadonlyMap<string, string> {
  const template = {
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: { name: 'small', title: 'Small' },
    spec: {
      owner: 'platform',
      type: 'service',
      parameters: [
        {
          properties: {
            name: { type: 'string', default: 'shop' },
            text: { type: 'string', 'ui:widget': 'textarea' },
          },
        },
      ],
      steps: [
        {
          id: 'skeleton',
          name: 'Skeleton',
          action: 'fetch:template',
          if: condition,
          input: { url: './skeleton', values: { name: '${{ parameters.name }}', text: values } },
        },
      ],
    },
  }
  const files = Object.entries(skeleton).map(([path, text]) => [`skeleton/${path}`, text] as const)
  return new Map([['template.yaml', JSON.stringify(template)], ...files])
}
