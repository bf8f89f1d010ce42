# A manifest that every rule allows, and ways to change one field of it.
package lib.fixture_test

digest := "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"

context := {
	"gate": "change",
	"environment": {"name": "dev", "registries": ["fairway.local"]},
	"environments": ["dev", "staging", "production"],
	"team": "team-a",
	"teams": ["team-a", "team-b"],
}

container := {
	"name": "main",
	"image": concat("@", ["fairway.local/team-a/shop", digest]),
	"resources": {
		"requests": {"cpu": "50m", "memory": "64Mi"},
		"limits": {"cpu": "500m", "memory": "256Mi"},
	},
	"readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}},
	"livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
	"securityContext": {
		"allowPrivilegeEscalation": false,
		"readOnlyRootFilesystem": true,
		"capabilities": {"drop": ["ALL"]},
	},
}

pod := {"securityContext": {"runAsNonRoot": true, "runAsUser": 10001}, "containers": [container]}

metadata := {
	"name": "shop",
	"namespace": "team-a-dev",
	"labels": {"app.kubernetes.io/name": "shop", "fairway.dev/owner": "team-a"},
}

deployment_of(spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": metadata,
	"spec": {"replicas": 1, "template": {"spec": spec}},
}

deployment := deployment_of(pod)

question(manifest) := {"object": manifest, "context": context}

# The question with the container changed by what is given, over its own fields.
container_with(change) := question(deployment_of(object.union(pod, {"containers": [object.union(container, change)]})))

container_without(field) := question(deployment_of(object.union(pod, {"containers": [object.remove(container, [field])]})))

pod_with(change) := question(deployment_of(object.union(pod, change)))

security(change) := container_with({"securityContext": change})

image(reference) := container_with({"image": reference})

resources(change) := container_with({"resources": change})

labels(change) := question(object.union(deployment, {"metadata": {"labels": change}}))
