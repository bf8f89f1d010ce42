# Every object says which application it belongs to and who owns it.
package fairway.rules["required-labels"]

import data.lib.kubernetes

required := ["app.kubernetes.io/name", "fairway.dev/owner"]

violation contains finding if {
	manifest := input.object
	some label in required
	not has_label(manifest, label)
	finding := {
		"message": concat("", [kubernetes.title(input.object), " lacks the label ", label, "."]),
		"at": label_at(label),
	}
}

violation contains finding if {
	owner := input.object.metadata.labels["fairway.dev/owner"]
	is_string(owner)
	not is_team(owner)
	finding := {
		"message": concat("", [kubernetes.title(input.object), " names the owner \"", owner, "\", which is no team of the organisation."]),
		"at": label_at("fairway.dev/owner"),
	}
}

violation contains finding if {
	owner := input.object.metadata.labels["fairway.dev/owner"]
	owner in input.context.teams
	owner != input.context.team
	finding := {
		"message": concat("", [
			kubernetes.title(input.object), " names the owner \"", owner,
			"\", but the service belongs to ", input.context.team, ".",
		]),
		"at": label_at("fairway.dev/owner"),
	}
}

is_team(owner) if owner in input.context.teams

has_label(manifest, label) if {
	value := manifest.metadata.labels[label]
	is_string(value)
	trim_space(value) != ""
}

label_at(label) := kubernetes.at(input.object, concat("", ["metadata.labels[\"", label, "\"]"]))
