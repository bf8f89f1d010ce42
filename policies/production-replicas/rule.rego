# One replica is one crash away from an outage.
package fairway.rules["production-replicas"]

import data.lib.kubernetes

minimum := 2

violation contains finding if {
	input.object.kind in {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}
	replicas := object.get(input.object, ["spec", "replicas"], 1)
	not enough(replicas)
	not is_step_of_a_rollout
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

# A Deployment grows its new ReplicaSet and shrinks the old one step by step; how many there are in the end it says itself.
is_step_of_a_rollout if {
	input.object.kind == "ReplicaSet"
	some owner in input.object.metadata.ownerReferences
	owner.kind == "Deployment"
	owner.controller == true
}

enough(replicas) if {
	is_number(replicas)
	replicas >= minimum
}
