import { z } from 'zod'
import { Name } from '#model/names.ts'
import { Secret, SecretName } from '#model/secret.ts'
import { route } from '../route.ts'
import { ServiceParams } from './shared.ts'

export const listSecrets = route({
  id: 'secrets.list',
  method: 'GET',
  path: '/api/v1/services/:name/secrets',
  summary: 'Secrets of a service by environment: names, versions and dates, never values',
  access: 'signed-in',
  params: ServiceParams,
  query: z.object({ environment: Name.optional() }),
  reply: z.object({ items: z.array(Secret), maySet: z.boolean() }),
})

export const setSecret = route({
  id: 'secrets.set',
  method: 'POST',
  path: '/api/v1/services/:name/secrets',
  summary: 'Set a secret, or give it a new version; what runs takes it over one instance after the other',
  access: 'signed-in',
  params: ServiceParams,
  body: z.strictObject(
    {
      environment: Name,
      name: SecretName,
      value: z.string().min(1, 'a value has at least one character'),
      /** Only a new version of what is set already; SECRET_UNKNOWN otherwise. */
      rotate: z.boolean().default(false),
    },
    // who mixed up key and value must not read the value back
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'Unrecognized key; it is not repeated here' : undefined) },
  ),
  reply: Secret,
  status: 201,
  // a kept request would be a digest of the value, which a short value can be guessed from
  repeat: { free: 'the same value under one more version' },
})

export const removeSecret = route({
  id: 'secrets.remove',
  method: 'DELETE',
  path: '/api/v1/services/:name/secrets/:environment/:secret',
  summary: 'Delete a secret with all its versions, unless something still asks for it',
  access: 'signed-in',
  params: z.object({ name: Name, environment: Name, secret: SecretName }),
  reply: z.object({ removed: SecretName }),
})
