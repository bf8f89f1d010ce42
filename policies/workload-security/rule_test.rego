package fairway.rules_test["workload-security"]

import data.fairway.rules["workload-security"] as rule
import data.lib.fixture_test as given

container := "Deployment/shop spec.template.spec.containers[0]"

test_a_safe_workload_passes if count(rule.violation) == 0 with input as given.container_with({})

test_objects_without_pods_pass if {
	count(rule.violation) == 0 with input as given.question({"kind": "Service", "metadata": {"name": "shop"}})
}

test_a_workload_without_pod_or_containers_is_denied if {
	count(rule.violation) == 1 with input as given.question({"kind": "Deployment", "metadata": {"name": "shop"}})
	count(rule.violation) == 1 with input as given.pod_with({"containers": []})
	count(rule.violation) == 1 with input as given.pod_with({"containers": "shop"})
}

test_saying_nothing_is_unsafe if {
	found := rule.violation with input as given.question(given.deployment_of({"containers": [{"name": "main"}]}))
	{finding.at | some finding in found} == {concat(".securityContext.", [container, field]) |
		some field in ["runAsNonRoot", "allowPrivilegeEscalation", "capabilities.drop", "readOnlyRootFilesystem"]
	}
}

test_each_unsafe_field_of_the_container_is_named if {
	every field, change in {
		"privileged": {"privileged": true},
		"allowPrivilegeEscalation": {"allowPrivilegeEscalation": true},
		"readOnlyRootFilesystem": {"readOnlyRootFilesystem": false},
		"runAsNonRoot": {"runAsNonRoot": false},
		"runAsUser": {"runAsUser": 0},
		"capabilities.drop": {"capabilities": {"drop": ["NET_RAW"]}},
		"capabilities.add": {"capabilities": {"add": ["SYS_ADMIN"]}},
		"windowsOptions.hostProcess": {"windowsOptions": {"hostProcess": true}},
		"seccompProfile.type": {"seccompProfile": {"type": "Unconfined"}},
	} {
		found := rule.violation with input as given.security(change)
		{finding.at | some finding in found} == {concat(".securityContext.", [container, field])}
	}
}

test_values_that_are_no_booleans_are_unsafe if {
	every field in ["privileged", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "runAsNonRoot"] {
		every value in ["true", "no", 1, [], {}] {
			count(rule.violation) == 1 with input as given.security({field: value})
		}
	}
}

test_each_unsafe_field_of_the_pod_is_named if {
	every field, change in {
		"hostNetwork": {"hostNetwork": true},
		"hostPID": {"hostPID": true},
		"hostIPC": {"hostIPC": "yes"},
		"volumes[0].hostPath": {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]},
		"containers[0].securityContext.runAsNonRoot": {"securityContext": {"runAsNonRoot": false}},
		"containers[0].securityContext.runAsUser": {"securityContext": {"runAsUser": 0}},
	} {
		found := rule.violation with input as given.pod_with(change)
		{finding.at | some finding in found} == {concat("Deployment/shop spec.template.spec.", ["", field])}
	}
}

test_a_port_of_the_machine_is_denied if {
	some finding in rule.violation with input as given.container_with({"ports": [{"containerPort": 80, "hostPort": 80}]})
	finding.at == concat(".", [container, "ports[0].hostPort"])
}

test_an_ordinary_port_passes if count(rule.violation) == 0 with input as given.container_with({"ports": [{"containerPort": 8080}]})

test_a_good_container_does_not_cover_a_bad_init_container if {
	count(rule.violation) > 0 with input as given.pod_with({"initContainers": [{"name": "init"}]})
	count(rule.violation) > 0 with input as given.pod_with({"ephemeralContainers": [{"name": "debug"}]})
}

test_cron_jobs_are_looked_into if {
	manifest := {
		"kind": "CronJob", "metadata": {"name": "nightly"},
		"spec": {"jobTemplate": {"spec": {"template": {"spec": object.union(given.pod, {"hostPID": true})}}}},
	}
	some finding in rule.violation with input as given.question(manifest)
	finding.at == "CronJob/nightly spec.jobTemplate.spec.template.spec.hostPID"
}

test_a_name_that_is_no_text_hides_nothing if {
	count(rule.violation) == 1 with input as given.container_with({"name": 7, "securityContext": {"privileged": true}})
	manifest := object.union(given.deployment_of(object.union(given.pod, {"hostPID": true})), {"metadata": {"name": 7}})
	count(rule.violation) == 1 with input as given.question(manifest)
}
