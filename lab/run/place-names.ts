/** Addresses of the lab. They are fixed, so there is one lab on a machine. */
export const labNetwork = {
  namespace: 'fairway-lab',
  /** Host end of the link: what pods and engines reach each other at. */
  host: '10.77.0.1',
  /** The node's end, inside the namespace. */
  node: '10.77.0.2',
  /** Names of the two ends of the link. */
  hostLink: 'fwlab0',
  nodeLink: 'fwlab1',
  pods: '10.89.0.0/16',
  services: '10.97.0.0/16',
  /** First address of the services: the API server as pods see it. */
  kubernetesService: '10.97.0.1',
} as const
