import { platformActor } from '#model/people.ts'

/** The identity of commits that the platform makes; who asked stands in the trailers. */
export const platformAuthor = { name: platformActor, email: 'fairway@fairway.local' }
