#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Messages a second of echo servers on one thread, side by side: echo.sh JAVA JAR [BYTES]...
#
# Each server runs on the first processor, the load on the second. In each round every server is measured once, so that what
# slows the machine down slows all of them; the best of the rounds counts. Peers that are not installed are left out.
# ROUNDS, SECONDS_EACH (of a measurement), CONNECTIONS and SERVERS (names, separated by spaces) can be set in the environment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
java=$1
jar=$2
shift 2
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-2}
connections=${CONNECTIONS:-10}
sizes=${*:-1024 10240 102400}
scratch=$(mktemp -d)
declare -A pids
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$scratch"' EXIT

has() { command -v "$1" >/dev/null 2>&1; }

has cc && has taskset || { echo "echo.sh: a C compiler (cc) and taskset are needed: install gcc and util-linux." >&2; exit 1; }
cc -O2 -o "$scratch/echoload" "$here/echoload.c"

python=
for candidate in /usr/bin/python3 python3; do
    if [ -z "$python" ] && "$candidate" -c 'import uvloop' 2>/dev/null; then python=$candidate; fi
done

servers="bare protocol protocol-bytes streams streams-bytes netty netty-on-loop"
[ -z "$python" ] || servers="$servers uvloop-protocol uvloop-streams"
! has python3 || servers="$servers asyncio-protocol asyncio-streams"
! has node || servers="$servers node"
if has go; then
    GOCACHE=$scratch/go-cache go build -o "$scratch/echo-go" "$here/echo.go"
    servers="$servers go"
fi
servers=${SERVERS:-$servers}

# serve NAME PORT
serve() {
    case $1 in
        uvloop-*) exec "$python" "$here/echo.py" uvloop "${1#*-}" "$2" ;;
        asyncio-*) exec "${python:-python3}" "$here/echo.py" asyncio "${1#*-}" "$2" ;;
        node) exec node "$here/echo.mjs" "$2" ;;
        go) exec "$scratch/echo-go" "$2" ;;
        # shellcheck disable=SC2086 # several options
        *) exec "$java" ${SIMUL_JAVA_OPTS:-} -cp "$jar" dev.simul.benchmarks.EchoServerKt "$1" "$2" ;;
    esac
}

# listens PORT
listens() {
    for _ in $(seq 200); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    echo "echo.sh: nothing listens at port $1 after 20 seconds" >&2
    return 1
}

load() { taskset -c 1 "$scratch/echoload" "$1" "$connections" "$2" "$3"; }

declare -A ports best
port=$((20000 + RANDOM % 10000))
for name in $servers; do
    port=$((port + 1))
    ports[$name]=$port
    (serve "$name" "$port" </dev/null >"$scratch/$name.log" 2>&1) &
    pids[$name]=$!
    taskset -cp 0 "$!" >/dev/null
    listens "$port" || { cat "$scratch/$name.log" >&2; exit 1; }
done

printf '%-18s' server
for size in $sizes; do printf '%18s' "$size B"; done
echo
for size in $sizes; do
    for name in $servers; do load "${ports[$name]}" "$size" 4 >/dev/null; done
    for _ in $(seq "$rounds"); do
        for name in $servers; do
            count=$(load "${ports[$name]}" "$size" "$seconds")
            if [ "$count" -gt "${best[$name/$size]:-0}" ]; then best[$name/$size]=$count; fi
        done
    done
done
first=${servers%% *}
for name in $servers; do
    printf '%-18s' "$name"
    for size in $sizes; do
        printf '%11s %6s' "${best[$name/$size]}" "($(awk "BEGIN { printf \"%.2f\", ${best[$name/$size]} / ${best[$first/$size]} }"))"
    done
    echo
done
