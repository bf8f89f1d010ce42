/** Whether traffic should come here: not before the service listens, and not while it drains. */
export interface Readiness {
  state: 'starting' | 'ready' | 'draining'
}
