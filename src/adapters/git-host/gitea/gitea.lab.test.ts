import { after, before } from 'node:test'
import { describeGitHost } from '#ports/git-host.contract.ts'
import { labFacts } from '../../../../testing/lab.ts'
import { type LabGitea, labGitea, labOwner } from '../../../../testing/lab-gitea.ts'

const { skip } = await labFacts('gitea')
let lab: LabGitea

if (!skip) {
  before(async () => {
    lab = await labGitea()
    await lab.gitea.host.repositories.create({
      repo: { owner: labOwner, name: 'first' },
      description: '',
      marker: 'contract',
      teams: ['team-a'],
    })
    const guests = { name: 'guests', permission: 'write', includes_all_repositories: true }
    const units = { units_map: { 'repo.code': 'write', 'repo.pulls': 'write' } }
    await lab.api('admin', `POST /orgs/${labOwner}/teams`, { ...guests, ...units })
    const teams: { id: number; name: string }[] = (await (
      await lab.api('admin', `GET /orgs/${labOwner}/teams`)
    ).json()) as never
    const id = teams.find(({ name }) => name === 'guests')?.id
    await lab.api('admin', `PUT /teams/${id}/members/outsider`)
  })
  after(() => lab.close())
  describeGitHost('gitea', async () => ({
    host: lab.gitea.host,
    owner: labOwner,
    team: 'team-a',
    userRemote: lab.remoteOf,
  }))
}
