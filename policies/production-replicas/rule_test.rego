package fairway.rules_test["production-replicas"]

import data.fairway.rules["production-replicas"] as rule
import data.lib.fixture_test as given

deployment_with(replicas) := given.question(object.union(given.deployment, {"spec": {"replicas": replicas}}))

test_two_replicas_pass if count(rule.violation) == 0 with input as deployment_with(2)

test_fewer_are_denied if {
	every replicas in [0, 1, null, "3", {}] {
		count(rule.violation) == 1 with input as deployment_with(replicas)
	}
}

test_saying_nothing_means_one if {
	manifest := {"kind": "StatefulSet", "metadata": {"name": "store"}, "spec": {}}
	some finding in rule.violation with input as given.question(manifest)
	contains(finding.message, "asks for 1 replica")
}

test_other_kinds_have_no_replicas if {
	count(rule.violation) == 0 with input as given.question({"kind": "Service", "metadata": {"name": "shop"}})
}
