package fairway.rules_test["service-name"]

import data.fairway.rules["service-name"] as rule
import data.lib.fixture_test as given

form(name) := {"form": {"name": name, "owner": "team-a"}, "context": given.context}

test_an_ordinary_name_passes if {
	every name in ["shop", "invoice-export", "a1", "kubernetesque", "devices", "platforms"] {
		count(rule.violation) == 0 with input as form(name)
	}
}

test_each_reserved_name_is_denied if {
	every name in ["fairway", "platform", "delivery", "kube-dns", "fairway-agent", "default"] {
		some finding in rule.violation with input as form(name)
		contains(finding.message, "reserved")
	}
}

test_the_name_of_an_environment_is_denied if {
	every name in ["dev", "staging", "production"] {
		some finding in rule.violation with input as form(name)
		contains(finding.message, "name of an environment")
	}
}

test_the_environment_at_hand_counts_without_the_list if {
	question := {"form": {"name": "dev"}, "context": {"environment": {"name": "dev"}}}
	count(rule.violation) == 1 with input as question
}

test_what_is_no_name_is_denied if {
	every name in ["", "a", "Shop", "1shop", "shop-", "shop_x", "shop\n", "über", null, 7, ["shop"]] {
		count(rule.violation) == 1 with input as form(name)
	}
	count(rule.violation) == 1 with input as {"form": {}, "context": given.context}
}

test_objects_are_not_its_matter if count(rule.violation) == 0 with input as given.question(given.deployment)
