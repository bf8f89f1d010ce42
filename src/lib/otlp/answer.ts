/** What a receiver says back (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response), in the encoding it was asked in. */
export interface OtlpAnswer {
  readonly contentType: string
  readonly body: Buffer | string
}

export type Signal = 'logs' | 'metrics' | 'traces'

const rejectedName: Record<Signal, string> = {
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
  traces: 'rejectedSpans',
}

/** Export…ServiceResponse: empty for full success, else how many records were not taken and why. */
export function successAnswer(
  signal: Signal,
  protobuf: boolean,
  { rejected, message }: { rejected: number; message?: string },
): OtlpAnswer {
  if (protobuf) {
    const partial = Buffer.concat([
      ...(rejected > 0 ? [Buffer.from([8]), varint(rejected)] : []),
      text(2, message ?? ''),
    ])
    const body =
      rejected > 0 || message ? Buffer.concat([Buffer.from([10]), varint(partial.length), partial]) : Buffer.of()
    return { contentType: 'application/x-protobuf', body }
  }
  const partialSuccess = { [rejectedName[signal]]: String(rejected), errorMessage: message ?? '' }
  return { contentType: 'application/json', body: JSON.stringify(rejected > 0 || message ? { partialSuccess } : {}) }
}

/** google.rpc.Status with a message, for 4xx and 5xx. */
export function failureAnswer(protobuf: boolean, message: string): OtlpAnswer {
  return protobuf
    ? { contentType: 'application/x-protobuf', body: text(2, message) }
    : { contentType: 'application/json', body: JSON.stringify({ message }) }
}

function text(field: number, value: string): Buffer {
  if (value === '') return Buffer.of()
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([field * 8 + 2]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left > 127) {
    bytes.push((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  return Buffer.from([...bytes, left])
}
