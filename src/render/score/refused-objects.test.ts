import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedObjects } from './refused-objects.ts'

const good = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: shop, namespace: team-a-dev}\n'
const list = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service-account.yaml]\n'
const folder = (path: string, content: string) => [
  { path: 'service-account.yaml', content: good },
  { path: 'kustomization.yaml', content: list },
  { path, content },
]

test('a folder of allowed kinds in the own namespace may be committed', () => {
  assert.deepEqual(refusedObjects(folder('extra.yaml', good.replace('name: shop', 'name: other')), 'team-a-dev'), [])
})

const labelled = (kind: string, label: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: shop, namespace: team-a-dev, labels: {${label}: "1"}}\n`

const smuggled: Readonly<Record<string, readonly [path: string, content: string]>> = {
  'a ClusterRole': [
    'extra.yaml',
    good.replace('v1', 'rbac.authorization.k8s.io/v1').replace('ServiceAccount', 'ClusterRole'),
  ],
  'a RoleBinding': [
    'extra.yaml',
    good.replace('v1', 'rbac.authorization.k8s.io/v1').replace('ServiceAccount', 'RoleBinding'),
  ],
  'a Secret': ['extra.yaml', good.replace('ServiceAccount', 'Secret')],
  'a resource definition': [
    'extra.yaml',
    good.replace('v1', 'apiextensions.k8s.io/v1').replace('ServiceAccount', 'CustomResourceDefinition'),
  ],
  'an Application of Argo CD': [
    'extra.yaml',
    good.replace('v1', 'argoproj.io/v1alpha1').replace('ServiceAccount', 'Application'),
  ],
  'a Deployment of another group': [
    'extra.yaml',
    good.replace('v1', 'evil.example/v1').replace('ServiceAccount', 'Deployment'),
  ],
  'another namespace': ['extra.yaml', good.replace('team-a-dev', 'team-b-dev')],
  'no namespace': ['extra.yaml', good.replace(', namespace: team-a-dev', '')],
  'a second document': ['extra.yaml', `${good}---\n${good.replace('ServiceAccount', 'Secret')}`],
  'a List': ['extra.yaml', `apiVersion: v1\nkind: List\nitems:\n- ${good.replaceAll('\n', '\n  ')}`],
  'a double key': ['extra.yaml', `${good}kind: Secret\n`],
  'an alias': ['extra.yaml', 'apiVersion: v1\nkind: &k ServiceAccount\nmetadata: {name: *k, namespace: team-a-dev}\n'],
  'a tag': ['extra.yaml', good.replace('ServiceAccount', '!secret ServiceAccount')],
  'a file in a folder': ['deep/extra.yaml', good],
  'a file of another kind': ['extra.json', '{}'],
  'a hidden file': ['.argocd-source.yaml', good],
  'a remote base': ['kustomization.yaml', list.replace('service-account.yaml', 'https://example.com/x')],
  'a generator': ['kustomization.yaml', `${list}secretGenerator: []\n`],
  'a path that leads elsewhere': [
    'kustomization.yaml',
    list.replace('service-account.yaml', '../other/service-account.yaml'),
  ],
  'something else as release.yaml': ['release.yaml', good],
  'an empty file': ['extra.yaml', ''],
  'an object of another file once more': ['extra.yaml', good],
  'a dashboard of the team’s own': ['config-map-board.yaml', labelled('ConfigMap', 'grafana_dashboard')],
  'rules of the team’s own': ['config-map-rules.yaml', labelled('ConfigMap', 'prometheus_rule')],
  'rules in the file of the dashboard': ['dashboard.yaml', labelled('ConfigMap', 'prometheus_rule')],
  'rules of the team’s own as their own kind': [
    'prometheus-rule-shop.yaml',
    'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: shop, namespace: team-a-dev}\n',
  ],
}

for (const [title, [path, content]] of Object.entries(smuggled)) {
  test(`${title} is refused, naming the file`, () => {
    const refused = refusedObjects(folder(path, content), 'team-a-dev')

    assert.ok(refused.length > 0)
    assert.ok(refused.every((fault) => fault.path.startsWith(path)))
  })
}
