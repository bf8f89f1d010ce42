import { styleNonce } from './style-nonce.ts'
import './styles.ts'
import './global.css'
import './lists.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { router } from './router.tsx'
import { contrastCures, theme } from './theme.ts'

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: retryable, staleTime: 5_000, refetchOnWindowFocus: true },
  },
})

// What the caller must mend stays wrong when it is asked again; a product was asked three times by the server already.
function retryable(count: number, error: unknown): boolean {
  const { code, facts } = error as { code?: string; facts?: { status?: number } }
  return count < 2 && !code?.startsWith('PRODUCT_') && (facts?.status === undefined || facts.status >= 500)
}

const place = document.getElementById('root')
if (!place) throw new Error('index.html has no #root')
createRoot(place).render(
  <MantineProvider
    theme={theme}
    cssVariablesResolver={contrastCures}
    defaultColorScheme="auto"
    getStyleNonce={() => styleNonce}
  >
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>,
)
