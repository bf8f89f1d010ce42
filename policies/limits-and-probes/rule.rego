# A workload says what it needs and how to tell that it works.
package fairway.rules["limits-and-probes"]

import data.lib.kubernetes
import data.lib.quantity

long_running := {"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController"}

violation contains finding(entry, concat("", ["sets no ", kind, " for ", resource, "."]), field) if {
	some entry in containers
	some kind in ["requests", "limits"]
	some resource in ["cpu", "memory"]
	object.get(entry.container, ["resources", kind, resource], null) == null
	field := concat(".", ["resources", kind, resource])
}

violation contains finding(entry, concat("", ["sets ", field, " to ", kubernetes.shown(value), ", which is no quantity above nought."]), field) if {
	some entry in containers
	some kind in ["requests", "limits"]
	some resource in ["cpu", "memory"]
	value := entry.container.resources[kind][resource]
	value != null
	not is_amount(value)
	field := concat(".", ["resources", kind, resource])
}

violation contains finding(entry, concat("", ["requests more ", resource, " (", kubernetes.shown(requested), ") than its limit (", kubernetes.shown(limit), ")."]), field) if {
	some entry in containers
	some resource in ["cpu", "memory"]
	requested := entry.container.resources.requests[resource]
	limit := entry.container.resources.limits[resource]
	quantity.milli(requested) > quantity.milli(limit)
	field := concat(".", ["resources.requests", resource])
}

violation contains finding(entry, concat("", ["has no ", purpose, " (", probe, ")."]), probe) if {
	input.object.kind in long_running
	some entry in containers
	entry.list == "containers"
	some probe, purpose in {
		"readinessProbe": "check that tells when it may get traffic",
		"livenessProbe": "check that tells when it must be restarted",
	}
	not asks_something(entry, probe)
}

# Debugging containers may not have resources at all, Kubernetes refuses them.
containers := [entry |
	some entry in kubernetes.containers(input.object)
	entry.list in {"containers", "initContainers"}
]

is_amount(value) if quantity.milli(value) > 0

asks_something(entry, probe) if {
	some way in ["httpGet", "tcpSocket", "exec", "grpc"]
	is_object(entry.container[probe][way])
}

finding(entry, complaint, field) := {
	"message": concat(" ", ["The", kubernetes.container_title(input.object, entry), complaint]),
	"at": kubernetes.at(input.object, concat(".", [entry.path, field])),
	"fix": fix(entry.name, field),
}

fix(name, field) := concat("", ["Set containers.", name, ".", field, " in score.yaml, or ", field, " in .fairway/environments/ for one environment."]) if startswith(field, "resources")

fix(name, field) := concat("", ["Set containers.", name, ".", field, ".httpGet (path and port) in score.yaml."]) if not startswith(field, "resources")
