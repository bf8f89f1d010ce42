# Finds pods and containers in any workload, and says where a field is.
package lib.kubernetes

pod_fields := {
	"Pod": ["spec"],
	"Deployment": ["spec", "template", "spec"],
	"ReplicaSet": ["spec", "template", "spec"],
	"StatefulSet": ["spec", "template", "spec"],
	"DaemonSet": ["spec", "template", "spec"],
	"ReplicationController": ["spec", "template", "spec"],
	"Job": ["spec", "template", "spec"],
	"CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
}

is_workload(manifest) if pod_fields[manifest.kind]

# The pod of a workload; an empty one where it is missing, so that rules which demand something still speak.
pod(manifest) := as_object(object.get(manifest, pod_fields[manifest.kind], {}))

pod_path(manifest) := concat(".", pod_fields[manifest.kind])

container_lists := ["containers", "initContainers", "ephemeralContainers"]

# Every container with its list, its path below the object and its pod. One that is no object counts as an empty one:
# nothing may drop out here, since a rule says nothing of what it does not see.
containers(manifest) := [entry |
	some list in container_lists
	some i, given in pod(manifest)[list]
	container := as_object(given)
	entry := {
		"container": container,
		"list": list,
		"path": concat("", [pod_path(manifest), ".", list, "[", shown(i), "]"]),
		"pod": pod(manifest),
		"name": shown(object.get(container, "name", "?")),
	}
]

as_object(value) := value if is_object(value)

as_object(value) := {} if not is_object(value)

title(manifest) := concat("/", [shown(manifest.kind), name(manifest)])

default name(_) := "?"

name(manifest) := manifest.metadata.name if has_name(manifest)

name(manifest) := concat("", [manifest.metadata.generateName, "*"]) if {
	not has_name(manifest)
}

has_name(manifest) if is_string(manifest.metadata.name)

at(manifest, path) := concat(" ", [title(manifest), path])

# `container "shop" of Deployment/shop`
container_title(manifest, entry) := concat("", ["container \"", entry.name, "\" of ", title(manifest)])

# A value as it may stand in a message.
shown(value) := value if is_string(value)

shown(value) := json.marshal(value) if not is_string(value)
