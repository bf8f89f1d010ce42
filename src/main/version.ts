/** The product's own version, as package.json has it. */
export const productVersion = '0.1.0'

/**
 * The oldest command line that this platform takes. Raised, to the version that is about to be released, when a route
 * that an older one calls goes away or means something else: it is refused before it does half of something.
 */
export const oldestClient = '0.1.0'
