# Kubernetes quantities in thousandths, as whole numbers: "250m" is 250, "64Mi" is 67108864000. Undefined for anything
# else. Whole, because 250 times 0.001 is not 0.25, and every engine must say the same.
package lib.quantity

factors := {
	"": 1,
	"k": 1000, "M": 1000000, "G": 1000000000, "T": 1000000000000, "P": 1000000000000000,
	"Ki": 1024, "Mi": 1048576, "Gi": 1073741824, "Ti": 1099511627776, "Pi": 1125899906842624,
}

milli(quantity) := round(quantity * 1000) if is_number(quantity)

# The number of digits is bounded: an amount nobody means must not cost time or memory.
milli(quantity) := whole(trim_suffix(quantity, "m")) if {
	is_string(quantity)
	regex.match("^[0-9]{1,15}m$", quantity)
}

milli(quantity) := ((whole(parts[0]) * 1000) + whole(thousandths)) * factor if {
	is_string(quantity)
	some suffix, factor in factors
	endswith(quantity, suffix)
	digits := trim_suffix(quantity, suffix)
	regex.match(`^[0-9]{1,15}(\.[0-9]{1,9})?$`, digits)
	parts := array.concat(split(digits, "."), [""])
	thousandths := substring(concat("", [parts[1], "000"]), 0, 3)
}

milli(quantity) := to_number(quantity) * 1000 if {
	is_string(quantity)
	regex.match(`^[0-9]{1,15}(\.[0-9]{1,9})?[eE][0-9]$`, quantity)
}

# Leading noughts are no JSON number, which is all that to_number takes.
whole(digits) := to_number(trim_left(digits, "0")) if trim_left(digits, "0") != ""

whole(digits) := 0 if trim_left(digits, "0") == ""
