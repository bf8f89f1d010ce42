/** The product's own version, as package.json has it. */
export const productVersion = '0.1.0'
