/** The process that renders: one job on stdin, one outcome on stdout, nothing else within reach (see render-template.ts). */
import { text } from 'node:stream/consumers'
import { type RenderJob, renderFiles } from './render-files.ts'

process.stdout.write('\n') // from here on its time counts; white space before JSON means nothing
const job = JSON.parse(await text(process.stdin)) as RenderJob
process.stdout.write(JSON.stringify(renderFiles(job)))
