# Image references, taken apart the way a container runtime does.
package lib.image

component := `[a-z0-9]+([._-]+[a-z0-9]+)*`

repository_pattern := concat("", ["^", component, "(:[0-9]{1,5})?(/", component, ")*$"])

# The repository with its registry written out; undefined when the reference is not well formed.
repository(reference) := with_registry(name) if {
	name := untagged(split(reference, "@")[0])
	regex.match(repository_pattern, name)
}

digest(reference) := parts[1] if {
	parts := split(reference, "@")
	count(parts) == 2
	regex.match("^sha256:[0-9a-f]{64}$", parts[1])
}

# A digest of noughts stands for the image of a preview: nothing is built yet.
is_placeholder(value) if regex.match("^sha256:0{64}$", value)

# Whole components only: "acme.io/a" does not cover "acme.io/ab".
below(name, prefix) if {
	trimmed := trim_suffix(prefix, "/")
	trimmed != ""
	startswith(concat("", [name, "/"]), concat("", [trimmed, "/"]))
}

untagged(name) := concat("/", array.concat(array.slice(parts, 0, last), [split(parts[last], ":")[0]])) if {
	parts := split(name, "/")
	last := count(parts) - 1
	last > 0
	count(split(parts[last], ":")) <= 2
}

untagged(name) := split(name, ":")[0] if {
	not contains(name, "/")
	count(split(name, ":")) <= 2
}

# As runtimes read it: without a dot, a port or "localhost" in front, the registry is Docker Hub.
with_registry(name) := name if has_registry(name)

with_registry(name) := concat("/", ["docker.io", name]) if not has_registry(name)

has_registry(name) if {
	parts := split(name, "/")
	count(parts) > 1
	regex.match("[.:]|^localhost$", parts[0])
}
