# The one entry point. Asks every rule that applies at this gate about every object and the form, and says
# which rules answered: the engine compares that list with its own, so a rule that fell silent is a denial.
package fairway

verdict := {
	"allowed": count(denials) == 0,
	"findings": findings,
	"policies": [id | some id, answers in judged; count(answers) == count(subjects)],
}

denials := [finding | some finding in findings; finding.severity != "warn"]

findings := array.concat(misshapen, [finding |
	some id, answers in judged
	some violations in answers
	some violation in violations
	finding := explained(id, violation)
])

judged[id] := answers if {
	some id, policy in data.fairway.policies
	input.gate in policy.gates
	in_scope(policy)
	answers := [violations |
		some subject in subjects
		violations := data.fairway.rules[id].violation with input as subject
	]
}

in_scope(policy) if count(policy.environments) == 0

in_scope(policy) if input.environment.name in policy.environments

# A rule judges one thing at a time, with the rest of the question as context: as Gatekeeper will ask it.
subjects := array.concat(
	[{"object": manifest, "context": context} | some manifest in input.objects],
	[{"form": form, "context": context} | form := input.form],
)

context := object.remove(input, ["objects", "form"])

explained(id, violation) := {
	"policy": id,
	"severity": policy.severity,
	"message": violation.message,
	"at": object.get(violation, "at", "form"),
	"why": object.get(violation, "why", policy.why),
	"fix": object.get(violation, "fix", policy.fix),
} if {
	policy := data.fairway.policies[id]
}

# A question that cannot be judged is denied here, before any rule could pass it by not matching.
misshapen := [{
	"policy": "input",
	"severity": "deny",
	"message": message,
	"at": "input",
	"why": "What the rules cannot read, they cannot allow.",
	"fix": "This is a defect of the caller, not of the service: report it to the platform team.",
} |
	some message in complaints
]

complaints contains "The question holds no objects to judge." if {
	input.gate in {"template", "change", "admission"}
	not some_objects
}

complaints contains "The form gate was asked without the form." if {
	input.gate == "form"
	not has_form
}

complaints contains "The objects are not a list." if {
	has_objects
	not has_list
}

complaints contains concat("", ["Object number ", format_int(i + 1, 10), " has no kind or no name."]) if {
	is_array(input.objects)
	some i, manifest in input.objects
	not named(manifest)
}

complaints contains "The question does not name its environment." if {
	some_objects
	not names_environment
}

has_form if is_object(input.form)

has_objects if input.objects != null

has_list if is_array(input.objects)

names_environment if is_string(input.environment.name)

some_objects if count(input.objects) > 0

named(manifest) if {
	is_string(manifest.apiVersion)
	is_string(manifest.kind)
	is_string(manifest.metadata.name)
}
