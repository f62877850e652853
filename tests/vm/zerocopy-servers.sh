#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# iophase zerocopy and real servers: what nginx sends with sendfile and without, and
# what HAProxy splices, is what curl gets.
# vm: kernel=6.1 cpus=1 icount=1
# vm: kernel=7.x cpus=1 icount=1 full=1
# vm: kernel=5.10 backend=kprobe cpus=1 icount=1 full=1
. "$(dirname "$0")/lib.sh"

have nginx || {
	skip "there is no nginx"
	exit
}

BYTES=1000000
mkdir -p "$TMP/www" /var/log/nginx /var/lib/nginx
chmod 755 "$TMP"
head -c $BYTES /dev/zero > "$TMP/www/file"

nginx_with() # NAME PORT SENDFILE
{
	cat > "$TMP/$1.conf" <<-CONF
		daemon off;
		master_process off;
		pid $TMP/$1.pid;
		error_log $TMP/$1.log;
		events { }
		http {
			access_log off;
			server { listen 127.0.0.1:$2; root $TMP/www; sendfile $3; }
		}
	CONF
	nginx -c "$TMP/$1.conf" 2> /dev/null &
}

# Three requests; says what curl got: headers, bodies.
get() # PORT
{
	local i

	for i in 1 2 3; do
		curl -s -o /dev/null -w '%{size_header} %{size_download}\n' \
			"http://127.0.0.1:$1/file"
	done | awk '{ headers += $1; bodies += $2 } END { print headers, bodies }'
}

# Of a process, path by path: bytes, copied, moved, fell back.
paths_of() # PID
{
	jq -rs "map(select(.type == \"zerocopy\" and .pid == $1)) | group_by(.path)[] |
		[.[0].path, (map(.bytes) | add), (map(.copied_bytes) | add),
		(map(.moved_bytes) | add), (map(.fell_back_calls) | add)] |
		map(tostring) | join(\" \")" "$TMP/all"
}

nginx_with shared 8091 on
shared=$!
nginx_with copying 8092 off
copying=$!
proxy=
if have haproxy; then
	cat > "$TMP/haproxy.cfg" <<-CONF
		defaults
			mode http
			timeout connect 100s
			timeout client 100s
			timeout server 100s
			option splice-response
		listen proxy
			bind 127.0.0.1:8093
			server nginx 127.0.0.1:8091
	CONF
	haproxy -db -f "$TMP/haproxy.cfg" > "$TMP/haproxy.log" 2>&1 &
	proxy=$!
fi
wait_for "curl -s -o /dev/null http://127.0.0.1:8091/file"
wait_for "curl -s -o /dev/null http://127.0.0.1:8092/file"
[ -z "$proxy" ] || wait_for "curl -s -o /dev/null http://127.0.0.1:8093/file"

iophase zerocopy --json -i 1000 -o "$TMP/all" 2> "$TMP/err" &
iophase=$!
wait_for "[ -s $TMP/all ]"
read -r headers bodies <<< "$(get 8091)"
read -r headers_copied bodies_copied <<< "$(get 8092)"
[ -z "$proxy" ] || get 8093 > "$TMP/proxied"
kill -INT $iophase
wait $iophase
nothing_lost "$TMP/all" "nginx and curl" lost rejected
is "$bodies $bodies_copied" "$((3 * BYTES)) $((3 * BYTES))" "curl got the files"

times=3
[ -z "$proxy" ] || times=6 # the proxy asks it, too
is "$(paths_of $shared | grep '^sendfile')" \
	"sendfile $((times * BYTES)) 0 $((times * BYTES)) 0" \
	"sendfile on: the bodies are moved"
[ -n "$proxy" ] || is "$(paths_of $shared | grep '^send ')" \
	"send $headers $headers 0 0" "and the headers are copied"
is "$(paths_of $copying | grep '^send')" \
	"send $((headers_copied + bodies_copied)) $((headers_copied + bodies_copied)) 0 0" \
	"sendfile off: all is copied"
if [ -z "$proxy" ]; then
	skip "there is no haproxy"
	exit
fi
is "$(awk '{ print $2 }' "$TMP/proxied")" "$((3 * BYTES))" "curl got them by the proxy"
is "$(paths_of $proxy | awk '$1 == "splice_in" { print $2, $3, $5 }')" \
	"$(paths_of $proxy | awk '$1 == "splice_out" { print $2, 0, 0 }')" \
	"HAProxy: what is spliced in is spliced out, and moved"
is "$(paths_of $proxy | awk -v n=$BYTES '$1 == "splice_in" { print ($2 > n) }')" 1 \
	"HAProxy: most of it is spliced"
kill $shared $copying $proxy
wait 2> /dev/null
