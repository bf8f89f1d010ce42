import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { describeCi } from '#ports/ci.contract.ts'
import { ciRepo, pipelineFile, startLocalCi } from '../../../../testing/local-ci.ts'

const baseCache = await mkdtemp(join(tmpdir(), 'fairway-base-'))
after(() => rm(baseCache, { recursive: true, force: true }))

const makes = `const fs = require('fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/server.js', 'console.log(1)')`
const build = { name: 'build', run: ['node', '-e', makes] }
const fails = { name: 'test', run: ['node', '-e', 'console.log("no"); process.exit(3)'] }

describeCi('embedded CI', async (t) => {
  const { ci, commit } = await startLocalCi(t, { baseCache })
  const commits = {
    passing: await commit({ 'a.txt': 'one', '.fairway/pipeline.yaml': pipelineFile([build]) }),
    same: await commit({ 'a.txt': 'two', '.fairway/pipeline.yaml': pipelineFile([build]) }),
    failing: await commit({ 'a.txt': 'one', '.fairway/pipeline.yaml': pipelineFile([fails, build]) }),
    bare: await commit({ 'a.txt': 'one' }),
  }
  return { ci, repo: ciRepo, commits }
})
