# A service's name becomes a repository, a host name and a label, so it may not stand for something else.
package fairway.rules["service-name"]

reserved := {"fairway", "platform", "delivery", "default", "kubernetes", "localhost", "infrastructure"}

reserved_beginnings := ["kube-", "fairway-", "openshift-"]

violation contains finding("The form has no service name.") if {
	is_object(input.form)
	not name
}

violation contains finding(concat("", ["\"", name, "\" is not a name: use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."])) if {
	not regex.match("^[a-z]([a-z0-9-]{0,38}[a-z0-9])$", name)
}

violation contains finding(concat("", ["\"", name, "\" is reserved for the platform."])) if {
	name in reserved
}

violation contains finding(concat("", ["\"", name, "\" begins with \"", beginning, "\", which is reserved for the platform."])) if {
	some beginning in reserved_beginnings
	startswith(name, beginning)
}

violation contains finding(concat("", ["\"", name, "\" is the name of an environment."])) if {
	name in environments
}

name := input.form.name if is_string(input.form.name)

environments := {known | some known in input.context.environments} | {here | here := input.context.environment.name}

finding(message) := {"message": message, "at": "form name"}
