/** The thread that parses: texts in, outcomes out, one after the other (see admit-yaml.ts). */
import { parentPort } from 'node:worker_threads'
import { parseYaml } from './parse-yaml.ts'

parentPort?.on('message', (text: string) => parentPort?.postMessage(parseYaml(text)))
parentPort?.postMessage('ready')
