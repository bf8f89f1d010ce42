package fairway.rules_test["known-owner"]

import data.fairway.rules["known-owner"] as rule
import data.lib.fixture_test as given

form(owner) := {"form": {"name": "shop", "owner": owner}, "context": given.context}

test_a_team_that_exists_passes if count(rule.violation) == 0 with input as form("team-a")

test_anything_else_is_denied if {
	every owner in ["team-x", "", "TEAM-A", null, 7, ["team-a"]] {
		count(rule.violation) == 1 with input as form(owner)
	}
	count(rule.violation) == 1 with input as {"form": {}, "context": given.context}
}

test_without_a_list_of_teams_no_owner_is_known if {
	question := {"form": {"name": "shop", "owner": "team-a"}, "context": {}}
	count(rule.violation) == 1 with input as question
}

test_objects_are_not_its_matter if count(rule.violation) == 0 with input as given.question(given.deployment)
