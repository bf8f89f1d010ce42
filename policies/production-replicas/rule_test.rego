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

replica_set(owner) := {
	"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"replicas": 1},
	"metadata": {"name": "shop-5d", "ownerReferences": [owner]},
}

test_the_replica_set_of_a_deployment_grows_step_by_step if {
	owner := {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "controller": true}
	count(rule.violation) == 0 with input as given.question(replica_set(owner))
}

test_another_owner_excuses_nothing if {
	every owner in [{"kind": "Deployment"}, {"kind": "ConfigMap", "controller": true}, {}, null] {
		count(rule.violation) == 1 with input as given.question(replica_set(owner))
	}
}
