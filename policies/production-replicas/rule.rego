# One replica is one crash away from an outage.
package fairway.rules["production-replicas"]

import data.lib.kubernetes

minimum := 2

violation contains finding if {
	input.object.kind in {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}
	replicas := object.get(input.object, ["spec", "replicas"], 1)
	not enough(replicas)
	finding := {
		"message": concat("", [
			kubernetes.title(input.object), " asks for ", kubernetes.shown(replicas), " replica in ",
			input.context.environment.name, "; at least ", format_int(minimum, 10), " are needed.",
		]),
		"at": kubernetes.at(input.object, "spec.replicas"),
		"fix": concat("", [
			"Set replicas: ", format_int(minimum, 10), " or more in .fairway/environments/",
			input.context.environment.name, ".yaml.",
		]),
	}
}

enough(replicas) if {
	is_number(replicas)
	replicas >= minimum
}
