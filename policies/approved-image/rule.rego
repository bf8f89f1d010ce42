# Only images from the environment's registries run, and only by digest: a tag can be moved, a digest cannot.
package fairway.rules["approved-image"]

import data.lib.image
import data.lib.kubernetes

violation contains finding(entry, "has no image.") if {
	some entry in kubernetes.containers(input.object)
	not names_an_image(entry)
}

violation contains finding(entry, concat("", ["uses an image reference that is not well formed: ", reference, "."])) if {
	some entry in kubernetes.containers(input.object)
	reference := entry.container.image
	is_string(reference)
	not image.repository(reference)
}

violation contains finding(entry, concat("", ["uses ", reference, " without a digest (@sha256:...)."])) if {
	some entry in kubernetes.containers(input.object)
	reference := entry.container.image
	image.repository(reference)
	not image.digest(reference)
}

violation contains finding(entry, complaint) if {
	some entry in kubernetes.containers(input.object)
	repository := image.repository(entry.container.image)
	not from_approved(repository)
	complaint := concat("", ["comes from ", repository, "; this environment takes images only from ", registries, "."])
}

violation contains finding(entry, "still has the placeholder digest of a preview.") if {
	some entry in kubernetes.containers(input.object)
	not is_preview
	image.is_placeholder(image.digest(entry.container.image))
}

names_an_image(entry) if is_string(entry.container.image)

default registries := "nowhere, since it lists no registries"

registries := concat(", ", input.context.environment.registries) if count(input.context.environment.registries) > 0

is_preview if input.context.gate in {"form", "template"}

from_approved(repository) if {
	some prefix in input.context.environment.registries
	image.below(repository, prefix)
}

finding(entry, complaint) := {
	"message": concat(" ", ["The", kubernetes.container_title(input.object, entry), complaint]),
	"at": kubernetes.at(input.object, concat("", [entry.path, ".image"])),
}
