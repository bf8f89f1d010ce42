package fairway_test

import data.fairway
import data.lib.fixture_test as given

policies := {
	"known-owner": {"severity": "deny", "gates": ["form"], "environments": [], "why": "w", "fix": "f"},
	"required-labels": {"severity": "warn", "gates": ["change"], "environments": [], "why": "w", "fix": "f"},
	"production-replicas": {"severity": "deny", "gates": ["change"], "environments": ["production"], "why": "w", "fix": "f"},
	"silent": {"severity": "deny", "gates": ["plan"], "environments": [], "why": "w", "fix": "f"},
}

asked(objects) := object.union(given.context, {"objects": objects})

test_rules_are_chosen_by_gate_and_environment if {
	verdict := fairway.verdict with data.fairway.policies as policies with input as asked([given.deployment])
	verdict == {"allowed": true, "findings": [], "policies": ["required-labels"]}
}

test_a_warning_does_not_deny if {
	bare := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}}
	verdict := fairway.verdict with data.fairway.policies as policies with input as asked([bare])
	verdict.allowed
	count(verdict.findings) == 2
}

test_a_denial_denies_and_carries_why_and_fix if {
	there := object.union(asked([given.deployment]), {"environment": {"name": "production"}})
	verdict := fairway.verdict with data.fairway.policies as policies with input as there
	not verdict.allowed
	verdict.findings[0].why == "w"
	startswith(verdict.findings[0].fix, "Set replicas: 2")
}

test_a_rule_that_does_not_exist_is_not_listed_as_asked if {
	question := object.union(asked([given.deployment]), {"gate": "plan"})
	verdict := fairway.verdict with data.fairway.policies as policies with input as question
	verdict.policies == []
}

test_the_form_alone_can_be_judged if {
	question := object.union(given.context, {"gate": "form", "form": {"name": "shop", "owner": "team-a"}})
	verdict := fairway.verdict with data.fairway.policies as policies with input as question
	verdict == {"allowed": true, "findings": [], "policies": ["known-owner"]}
}

test_questions_that_cannot_be_judged_are_denied if {
	every question in [
		given.context,
		asked([]),
		asked("x"),
		asked(null),
		asked({"a": given.deployment}),
		asked([null]),
		asked([given.deployment, {"kind": "Service"}]),
		object.union(given.context, {"gate": "form"}),
		object.union(given.context, {"gate": "form", "form": "shop"}),
		{"gate": "change", "objects": [given.deployment], "environment": {}},
	] {
		verdict := fairway.verdict with data.fairway.policies as policies with input as question
		not verdict.allowed
	}
}
