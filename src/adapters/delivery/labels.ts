/** How objects of ours name what they are of. */
export const labels = {
  service: 'fairway.dev/service',
  environment: 'fairway.dev/environment',
  owner: 'fairway.dev/owner',
  managedBy: 'app.kubernetes.io/managed-by',
} as const
