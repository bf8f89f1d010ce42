package fairway.rules_test["allowed-kinds"]

import data.fairway.rules["allowed-kinds"] as rule
import data.lib.fixture_test as given

of_kind(api_version, kind) := given.question(object.union(given.deployment, {"apiVersion": api_version, "kind": kind}))

test_a_deployment_in_its_namespace_passes if count(rule.violation) == 0 with input as given.question(given.deployment)

test_each_smuggled_kind_is_denied if {
	every pair in [
		["rbac.authorization.k8s.io/v1", "ClusterRole"],
		["rbac.authorization.k8s.io/v1", "RoleBinding"],
		["argoproj.io/v1alpha1", "Application"],
		["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
		["v1", "Namespace"],
		["v1", "Secret"],
		["v1", "Pod"],
		["v1", "List"],
		["apps/v1beta1", "Deployment"],
		["evil.example/v1", "Deployment"],
	] {
		some finding in rule.violation with input as of_kind(pair[0], pair[1])
		endswith(finding.at, " kind")
	}
}

rules_named(name) := object.union(
	of_kind("monitoring.coreos.com/v1", "PrometheusRule"),
	{"object": {"metadata": {"name": name, "labels": {
		"app.kubernetes.io/managed-by": "fairway",
		"fairway.dev/service": "shop",
	}}}},
)

test_alert_rules_of_the_platform_pass_and_others_do_not if {
	count(rule.violation) == 0 with input as rules_named("shop-alert-rules")
	count(rule.violation) == 1 with input as rules_named("all-series")
	count(rule.violation) == 1 with input as object.union(
		rules_named("shop-alert-rules"),
		{"context": {"kinds": ["v1/Service"]}},
	)
}

test_every_other_namespace_is_denied if {
	every namespace in ["team-b-dev", "team-a-production", "kube-system", "default", "", null, 7] {
		manifest := object.union(given.deployment, {"metadata": {"namespace": namespace}})
		some finding in rule.violation with input as given.question(manifest)
		finding.at == "Deployment/shop metadata.namespace"
	}
}

test_no_namespace_is_denied if {
	manifest := object.union(object.remove(given.deployment, ["metadata"]), {"metadata": {"name": "shop"}})
	count(rule.violation) == 1 with input as given.question(manifest)
}

test_without_team_or_environment_no_namespace_is_open if {
	every missing in ["team", "environment"] {
		question := {"object": given.deployment, "context": object.remove(given.context, [missing])}
		count(rule.violation) == 1 with input as question
	}
}

test_a_teams_own_list_narrows_and_never_widens if {
	narrow := object.union(given.question(given.deployment), {"context": {"kinds": ["v1/Service"]}})
	count(rule.violation) == 1 with input as narrow
	wide := object.union(of_kind("v1", "Secret"), {"context": {"kinds": ["v1/Secret"]}})
	count(rule.violation) == 1 with input as wide
}
