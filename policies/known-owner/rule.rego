# Each service has a team that answers for it.
package fairway.rules["known-owner"]

violation contains finding("The form names no owner.") if {
	is_object(input.form)
	not names_an_owner
}

violation contains finding(concat("", ["The owner \"", owner, "\" is no team of the organisation."])) if {
	owner := input.form.owner
	is_string(owner)
	not is_team(owner)
}

names_an_owner if is_string(input.form.owner)

is_team(owner) if owner in input.context.teams

finding(message) := {"message": message, "at": "form owner"}
