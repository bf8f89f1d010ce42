# A team writes only into its own namespace, and only objects that cannot reach beyond it.
package fairway.rules["allowed-kinds"]

import data.lib.kubernetes

# `kinds` of the question narrows this list for a team; it never widens it.
shipped := {
	"apps/v1/Deployment",
	"v1/Service",
	"v1/ConfigMap",
	"v1/ServiceAccount",
	"networking.k8s.io/v1/NetworkPolicy",
	"policy/v1/PodDisruptionBudget",
}

violation contains finding if {
	kind := concat("/", [input.object.apiVersion, input.object.kind])
	not is_allowed(kind)
	finding := {
		"message": concat("", [kubernetes.title(input.object), " is of the kind ", kind, ", which ", team, " may not deploy."]),
		"at": kubernetes.at(input.object, "kind"),
	}
}

violation contains finding if {
	found := object.get(input.object, ["metadata", "namespace"], null)
	not is_own(found)
	finding := {
		"message": concat("", [
			kubernetes.title(input.object), " goes to the namespace ", named(found),
			"; the only one open to it is ", expected, ".",
		]),
		"at": kubernetes.at(input.object, "metadata.namespace"),
		"fix": concat("", ["Leave metadata.namespace to Fairway's renderer, or set it to ", expected, "."]),
	}
}

is_allowed(kind) if {
	kind in shipped
	not has_own_list
}

is_allowed(kind) if {
	kind in shipped
	kind in input.context.kinds
}

has_own_list if input.context.kinds != null

# A service's alert rules, where the cluster has this kind. No team brings its own: the renderer refuses that before.
is_allowed(kind) if {
	kind == "monitoring.coreos.com/v1/PrometheusRule"
	input.object.metadata.labels["app.kubernetes.io/managed-by"] == "fairway"
	input.object.metadata.name == concat("-", [input.object.metadata.labels["fairway.dev/service"], "alert-rules"])
	not has_own_list
}

is_own(found) if found == namespace

namespace := concat("-", [input.context.team, input.context.environment.name])

default expected := "none, since the question names no team or no environment"

expected := concat("", ["\"", namespace, "\""])

default team := "the team"

team := input.context.team if is_string(input.context.team)

named(found) := concat("", ["\"", found, "\""]) if is_string(found)

named(found) := "that kubectl happens to use (it names none)" if not is_string(found)
