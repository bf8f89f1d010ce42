const meta = document.querySelector('meta[name="style-nonce"]')

/** The word that lets this page's own style sheets pass the content security policy; read once, then out of the page. */
export const styleNonce = meta?.getAttribute('content') ?? ''
meta?.remove()

// Where libraries below Mantine look for it.
Object.assign(globalThis, { __webpack_nonce__: styleNonce })
