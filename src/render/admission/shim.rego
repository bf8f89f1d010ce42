# Asks one of the platform's rules about an object that reaches the cluster, in the same words as the platform asks it.
package fairway.admission

import data.lib.rule

violation contains answer if {
	not made_by_the_cluster
	some finding in found
	answer := {"msg": finding.message, "details": object.remove(finding, ["message"])}
}

found := findings if {
	findings := rule.violation with input as {"object": input.review.object, "context": context}
}

context := {
	"gate": "admission",
	"environment": input.parameters.environment,
	"environments": input.parameters.environments,
	"team": team,
	"teams": input.parameters.teams,
	"now": time.format(time.now_ns()),
}

# A namespace is called <team>-<environment>, and only the platform makes them.
default team := ""

team := trim_suffix(input.review.object.metadata.namespace, concat("", ["-", input.parameters.environment.name]))

# Kubernetes puts these two into every namespace, without any label.
made_by_the_cluster if {
	input.review.object.kind == "ConfigMap"
	input.review.object.metadata.name == "kube-root-ca.crt"
}

made_by_the_cluster if {
	input.review.object.kind == "ServiceAccount"
	input.review.object.metadata.name == "default"
}
