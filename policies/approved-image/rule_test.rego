package fairway.rules_test["approved-image"]

import data.fairway.rules["approved-image"] as rule
import data.lib.fixture_test as given
import data.lib.image

test_an_image_by_digest_from_the_registry_passes if count(rule.violation) == 0 with input as given.container_with({})

test_a_tag_beside_the_digest_is_harmless if {
	reference := concat("", ["fairway.local/team-a/shop:1.2.3@", given.digest])
	count(rule.violation) == 0 with input as given.image(reference)
}

test_a_tag_alone_is_denied if {
	some finding in rule.violation with input as given.image("fairway.local/team-a/shop:1.2.3")
	contains(finding.message, "without a digest")
	finding.at == "Deployment/shop spec.template.spec.containers[0].image"
}

test_each_foreign_or_malformed_reference_is_denied if {
	every reference in [
		concat("@", ["ghcr.io/team-a/shop", given.digest]),
		concat("@", ["shop", given.digest]),
		concat("@", ["fairway.local.evil.example/shop", given.digest]),
		concat("@", ["fairway.localhost/shop", given.digest]),
		concat("@", ["evil.example/fairway.local/shop", given.digest]),
		concat("@", ["fairway.local/../evil/shop", given.digest]),
		concat("@", ["fairway.local@evil.example/shop", given.digest]),
		concat("@", ["FAIRWAY.LOCAL/shop", given.digest]),
		concat("@", ["fairway.local:5000/shop", given.digest]),
		concat("@", ["https://fairway.local/shop", given.digest]),
		"fairway.local/shop@sha256:abc",
		"fairway.local/shop@",
		"",
		7,
		null,
	] {
		count(rule.violation) > 0 with input as given.image(reference)
	}
}

test_a_missing_image_is_denied if count(rule.violation) == 1 with input as given.container_without("image")

test_a_container_that_is_no_object_is_denied if count(rule.violation) == 1 with input as given.pod_with({"containers": ["shop"]})

test_init_containers_count if count(rule.violation) > 0 with input as given.pod_with({"initContainers": [{"name": "i", "image": "busybox"}]})

test_the_placeholder_passes_only_before_a_build if {
	noughts := concat("", ["fairway.local/team-a/shop@sha256:", replace("xxxxxxxxxxxxxxxx", "x", "0000")])
	question := given.image(noughts)
	count(rule.violation) == 1 with input as question
	form := object.union(question, {"context": {"gate": "form"}})
	count(rule.violation) == 0 with input as form
}

test_without_registries_nothing_passes if {
	question := {"object": given.deployment, "context": {"gate": "change", "environment": {"name": "dev"}}}
	count(rule.violation) == 1 with input as question
}

test_references_are_read_as_runtimes_do if {
	image.repository("shop") == "docker.io/shop"
	image.repository("acme/shop:1") == "docker.io/acme/shop"
	image.repository("localhost/shop") == "localhost/shop"
	image.repository("reg.example:5000/a/b:1") == "reg.example:5000/a/b"
	image.below("reg.example/a/b", "reg.example/a/")
	not image.below("reg.example/ab", "reg.example/a")
	not image.below("reg.example/ab", "")
}
