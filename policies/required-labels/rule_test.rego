package fairway.rules_test["required-labels"]

import data.fairway.rules["required-labels"] as rule
import data.lib.fixture_test as given

test_a_labelled_object_passes if count(rule.violation) == 0 with input as given.question(given.deployment)

test_each_missing_label_is_named if {
	manifest := object.union(object.remove(given.deployment, ["metadata"]), {"metadata": {"name": "shop"}})
	found := rule.violation with input as given.question(manifest)
	{finding.at | some finding in found} == {
		"Deployment/shop metadata.labels[\"app.kubernetes.io/name\"]",
		"Deployment/shop metadata.labels[\"fairway.dev/owner\"]",
	}
}

test_a_blank_label_is_missing if count(rule.violation) == 1 with input as given.labels({"app.kubernetes.io/name": " "})

test_a_label_that_is_no_text_is_missing if count(rule.violation) == 1 with input as given.labels({"fairway.dev/owner": 7})

test_an_owner_nobody_knows_is_denied if {
	some finding in rule.violation with input as given.labels({"fairway.dev/owner": "team-x"})
	contains(finding.message, "\"team-x\", which is no team")
}

test_another_teams_label_is_denied if {
	some finding in rule.violation with input as given.labels({"fairway.dev/owner": "team-b"})
	contains(finding.message, "belongs to team-a")
}

test_without_a_list_of_teams_no_owner_is_known if {
	question := {"object": given.deployment, "context": {}}
	count(rule.violation) == 1 with input as question
}
