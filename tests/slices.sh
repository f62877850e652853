# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What --perfetto wrote, decoded again, and what it should be by --json: lines of
# KIND NAME BEGIN END, with KIND socket or thread. Needs protoc and jq.

# Says what is wrong with the file, too: an overlap, a track that nobody has described.
slices_of_trace() # FILE
{
	protoc --decode=Trace -Iuser/out perfetto.proto < "$1" | awk '
		function bad(what) { print "wrong: " what " at packet " packets }

		# Those of a track as nested as they are in the file; in order of time?
		function event() {
			if (!(track in name_of))
				bad("a track that is not described")
			if (type == "TYPE_SLICE_BEGIN") {
				depth = ++open[track]
				if (depth == 1 && ts < last[track])
					bad("an overlap")
				if (depth > 1 && ts < (end[track] > begin[track, depth - 1] ? \
						end[track] : begin[track, depth - 1]))
					bad("an overlap inside")
				begin[track, depth] = ts
				what[track, depth] = name
				if (depth == 1)
					end[track] = 0
			} else if (type == "TYPE_SLICE_END") {
				depth = open[track]--
				if (depth < 1)
					bad("an end without a beginning")
				print kind_of[track], what[track, depth], begin[track, depth], ts
				if (depth == 1)
					last[track] = ts
				end[track] = ts
			} else if (type == "TYPE_INSTANT") {
				print kind_of[track], name, ts, ts
			}
		}
		$NF == "{" { part[++level] = $1 }
		$1 == "packet" { packets++; type = name = track = uuid = kind = "" }
		level == 1 && $1 == "timestamp:" { ts = $2 }
		level == 2 && $1 == "type:" { type = $2 }
		level == 2 && $1 == "track_uuid:" { track = $2 }
		level == 2 && $1 == "uuid:" { uuid = $2 }
		level == 2 && $1 == "name:" {
			name = substr($0, index($0, "\"") + 1)
			sub(/"$/, "", name)
			gsub(" ", "_", name)
		}
		level == 2 && part[2] == "track_descriptor" && kind == "" { kind = "socket" }
		level == 3 && part[3] == "thread" { kind = "thread" }
		$1 == "}" && level-- == 1 {
			if (uuid != "") {
				name_of[uuid] = name
				kind_of[uuid] = name ~ /^thread/ ? "thread" : kind
			} else if (type != "") {
				event()
			}
		}
		END {
			for (track in open)
				if (open[track])
					bad("a slice without an end")
		}'
}

slices_of_json() # FILE
{
	jq -r 'select(.type == "read") | (.ts_ns - .total_ns) as $begin |
		(if .model == "async" then ["wait", "copy", "rest", "wake", "dispatch"]
		 else ["wait", "wake", "dispatch", "copy", "rest"] end) as $order |
		. as $read | (.call // "read_call") as $call |
		(["socket", .model, $begin, .ts_ns],
		 ["thread", $call, if .model == "async" then .ts_ns
				   else .ts_ns - .call_ns end, .ts_ns],
		 (foreach $order[] as $phase ([0, $begin];
			[.[1], .[1] + $read[$phase + "_ns"]];
			["socket", $phase] + .) | select(.[2] != .[3]))) |
		map(tostring) | join(" ")' "$1"
}
