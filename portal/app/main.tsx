import { styleNonce } from './style-nonce.ts'
import './styles.ts'
import './global.css'
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

// What the caller must mend stays wrong when it is asked again.
function retryable(count: number, error: unknown): boolean {
  const status = (error as { facts?: { status?: number } }).facts?.status
  return count < 2 && (status === undefined || status >= 500)
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
