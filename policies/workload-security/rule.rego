# A container gets no power over its machine. What is not stated to be safe counts as unsafe.
package fairway.rules["workload-security"]

import data.lib.kubernetes

violation contains pod_finding("has no containers in its pod.", "containers") if {
	kubernetes.is_workload(input.object)
	count(pod_containers) == 0
}

violation contains pod_finding(concat("", ["shares the machine's ", part, "."]), field) if {
	some field, part in {
		"hostNetwork": "network",
		"hostPID": "processes",
		"hostIPC": "memory between processes",
	}
	raised(object.get(pod, field, false))
}

violation contains pod_finding("mounts a folder of the machine (hostPath).", concat("", ["volumes[", kubernetes.shown(i), "].hostPath"])) if {
	some i, volume in pod.volumes
	volume.hostPath != null
}

violation contains finding(entry, concat("", ["takes port ", kubernetes.shown(port.hostPort), " of the machine."]), concat("", ["ports[", kubernetes.shown(i), "].hostPort"])) if {
	some entry in containers
	some i, port in entry.container.ports
	port.hostPort != null
	port.hostPort != 0
}

violation contains finding(entry, "is privileged.", "securityContext.privileged") if {
	some entry in containers
	raised(object.get(entry.container, ["securityContext", "privileged"], false))
}

violation contains finding(entry, "is privileged (Windows host process).", "securityContext.windowsOptions.hostProcess") if {
	some entry in containers
	some holder in [entry.container, entry.pod]
	raised(object.get(holder, ["securityContext", "windowsOptions", "hostProcess"], false))
}

violation contains finding(entry, "may run as root: runAsNonRoot is not true.", "securityContext.runAsNonRoot") if {
	some entry in containers
	not is_never_root(entry)
}

violation contains finding(entry, "runs as root: runAsUser is 0.", "securityContext.runAsUser") if {
	some entry in containers
	effective(entry, "runAsUser") == 0
}

violation contains finding(entry, "may gain privileges: allowPrivilegeEscalation is not false.", "securityContext.allowPrivilegeEscalation") if {
	some entry in containers
	not entry.container.securityContext.allowPrivilegeEscalation == false
}

violation contains finding(entry, "keeps Linux capabilities: capabilities.drop lacks ALL.", "securityContext.capabilities.drop") if {
	some entry in containers
	not drops_all(entry)
}

violation contains finding(entry, concat("", ["adds the Linux capability ", kubernetes.shown(capability), "."]), "securityContext.capabilities.add") if {
	some entry in containers
	some capability in entry.container.securityContext.capabilities.add
}

violation contains finding(entry, "can write to its root file system: readOnlyRootFilesystem is not true.", "securityContext.readOnlyRootFilesystem") if {
	some entry in containers
	not entry.container.securityContext.readOnlyRootFilesystem == true
}

violation contains finding(entry, "switches off the system call filter: seccompProfile is Unconfined.", "securityContext.seccompProfile.type") if {
	some entry in containers
	effective(entry, "seccompProfile").type == "Unconfined"
}

pod := kubernetes.pod(input.object)

containers := kubernetes.containers(input.object)

pod_containers := [entry | some entry in containers; entry.list == "containers"]

# Anything but an explicit "no" counts as a yes.
raised(value) if not value in {false, null}

drops_all(entry) if "ALL" in entry.container.securityContext.capabilities.drop

is_never_root(entry) if effective(entry, "runAsNonRoot") == true

# The container's own setting wins over the pod's, as in Kubernetes.
effective(entry, field) := own if {
	own := object.get(entry.container, ["securityContext", field], null)
	own != null
}

effective(entry, field) := entry.pod.securityContext[field] if {
	object.get(entry.container, ["securityContext", field], null) == null
}

pod_finding(complaint, field) := {
	"message": concat(" ", [kubernetes.title(input.object), complaint]),
	"at": kubernetes.at(input.object, concat(".", [kubernetes.pod_path(input.object), field])),
}

finding(entry, complaint, field) := {
	"message": concat(" ", ["The", kubernetes.container_title(input.object, entry), complaint]),
	"at": kubernetes.at(input.object, concat(".", [entry.path, field])),
}
