import type { ElementContent, Root } from 'hast'

/**
 * The same tree with each link's address as `address` gives it; a link that gets none stays as its words. A picture
 * becomes its description: fetching it would tell a stranger who reads the page.
 */
export function rewriteAddresses(tree: Root, address: (href: string) => string | undefined): Root {
  const rewrite = (node: ElementContent): ElementContent[] => {
    if (node.type !== 'element') return [node]
    if (node.tagName === 'img') return [{ type: 'text', value: String(node.properties['alt'] ?? '') }]
    const children = node.children.flatMap(rewrite)
    if (node.tagName !== 'a') return [{ ...node, children }]
    const href = address(String(node.properties['href'] ?? ''))
    return href === undefined ? children : [{ ...node, properties: { ...node.properties, href }, children }]
  }
  return {
    ...tree,
    children: tree.children.flatMap((node) => (node.type === 'doctype' ? [] : rewrite(node as ElementContent))),
  }
}
