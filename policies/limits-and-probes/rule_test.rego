package fairway.rules_test["limits-and-probes"]

import data.fairway.rules["limits-and-probes"] as rule
import data.lib.fixture_test as given
import data.lib.quantity

container := "Deployment/shop spec.template.spec.containers[0]"

test_a_complete_container_passes if count(rule.violation) == 0 with input as given.container_with({})

test_each_missing_amount_is_named if {
	found := rule.violation with input as given.container_without("resources")
	{finding.at | some finding in found} == {concat(".", [container, "resources", kind, amount]) |
		some kind in ["requests", "limits"]
		some amount in ["cpu", "memory"]
	}
}

test_an_amount_that_is_none_is_denied if {
	every value in ["", "much", "-1", "0", "0Mi", "1e999", "12MiB", "9999999999999999999999", true, [], {}] {
		some finding in rule.violation with input as given.resources({"limits": {"memory": value}})
		finding.at == concat(".", [container, "resources.limits.memory"])
	}
}

test_a_request_above_its_limit_is_denied if {
	some finding in rule.violation with input as given.resources({"requests": {"memory": "1Gi"}})
	contains(finding.message, "requests more memory (1Gi) than its limit (256Mi)")
}

test_equal_amounts_in_other_units_pass if {
	same := {"requests": {"cpu": "500m", "memory": "262144Ki"}, "limits": {"cpu": 0.5, "memory": "256Mi"}}
	count(rule.violation) == 0 with input as given.resources(same)
}

test_each_missing_probe_is_named_with_its_fix if {
	every probe in ["readinessProbe", "livenessProbe"] {
		some finding in rule.violation with input as given.container_without(probe)
		finding.at == concat(".", [container, probe])
		startswith(finding.fix, concat("", ["Set containers.main.", probe]))
	}
}

test_a_probe_that_asks_nothing_is_missing if {
	every value in [null, {}, {"periodSeconds": 5}, {"httpGet": "x"}] {
		question := given.question(given.deployment_of(object.union(given.pod, {"containers": [object.union(object.remove(given.container, ["livenessProbe"]), {"livenessProbe": value})]})))
		count(rule.violation) == 1 with input as question
	}
}

test_jobs_need_amounts_but_no_probes if {
	bare := object.remove(given.container, ["readinessProbe", "livenessProbe"])
	manifest := {"kind": "Job", "metadata": {"name": "once"}, "spec": {"template": {"spec": {"containers": [bare]}}}}
	count(rule.violation) == 0 with input as given.question(manifest)
}

test_init_containers_need_amounts_but_no_probes if {
	count(rule.violation) == 4 with input as given.pod_with({"initContainers": [{"name": "init"}]})
}

test_quantities_are_read_as_kubernetes_does if {
	quantity.milli("250m") == 250
	quantity.milli("64Mi") == 67108864000
	quantity.milli("1.5") == 1500
	quantity.milli("0.3") == quantity.milli("300m")
	quantity.milli("2e3") == 2000000
	quantity.milli("1k") == 1000000
	quantity.milli("1.5Gi") == 1610612736000
	quantity.milli(0.3) == 300
	quantity.milli(2) == 2000
	quantity.milli("0.05") == 50
	quantity.milli("007m") == 7
	not quantity.milli("1 Mi")
	not quantity.milli("1K")
	not quantity.milli("e3")
	not quantity.milli("0.5m")
}
