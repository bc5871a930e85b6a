# The playground: network namespaces without a way out, the services as real processes, the daemon. Sourced by `demo`.
# With eBPF each program has a network namespace of its own on one bridge; on steer-bind all share one loopback interface.


# choose_name: PREFIX names all that we make; a demo that runs already, or was killed with -9, has its own.
choose_name() {
    local n
    PREFIX=${HEDDLE_DEMO_NAME:-heddle-demo}
    for n in '' $(seq 2 9); do
        PREFIX=${HEDDLE_DEMO_NAME:-heddle-demo$n}
        [ -e "/run/netns/$PREFIX-node" ] || [ -e "/sys/fs/bpf/$PREFIX" ] || break
    done
    # What a daemon of this machine's own does not use, so that both can run.
    OWN=(--set "steer.cgroup=$PREFIX" --set "steer.pinDirectory=/sys/fs/bpf/$PREFIX")
}
PODS=(smiley:10.89.0.11 oven-v1:10.89.0.12 oven-v2:10.89.0.13 blender:10.89.0.14 mixer:10.89.0.15 visitor:10.89.0.21 shopper:10.89.0.22)

# Each of these runs at most once, last made first undone; see undo_all.
UNDO=()
undo() { UNDO=("$1" "${UNDO[@]}"); }

undo_all() {
    local step
    for step in "${UNDO[@]}"; do
        timeout -k 2 15 bash -c "$step" >>"$WORK/undo.log" 2>&1 || true
    done
    UNDO=()
}

# end_process PID [SIGNAL]: ends a process and waits for it at most five seconds, then kills it.
END_PROCESS='end_process() { local i; kill -"${2:-TERM}" "$1" 2>/dev/null || return 0
    for i in $(seq 50); do [ -d "/proc/$1" ] && [ "$(cut -d" " -f3 "/proc/$1/stat" 2>/dev/null)" != Z ] || return 0; sleep 0.1; done
    kill -KILL "$1" 2>/dev/null; }; '
eval "$END_PROCESS"

make_folders() {
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/heddle-demo.XXXXXX")
    mkdir -p "$WORK/manifests" "$WORK/classes"
}

# --- network -----------------------------------------------------------------------------------------------------

# The namespace of a pod: its own, or with steer-bind the one that all share; no namespace at all without root.
namespace_of() {
    case $NETWORK in
        pods) echo "$PREFIX-$1" ;;
        node) echo "$PREFIX-node" ;;
    esac
}

# inside POD COMMAND...: only the network is another; /sys, /proc and all files are the same. To be called in a subshell or with &,
# since it becomes the command.
inside() {
    local pod=$1; shift
    if [ "$NETWORK" = host ]; then exec "$@"; else exec nsenter --net="/run/netns/$(namespace_of "$pod")" -- "$@"; fi
}

make_namespace() {
    ip netns add "$1" && undo "ip netns del '$1'" && ip -n "$1" link set lo up
}

make_network() {
    local entry pod address
    if [ "$NETWORK" = host ]; then return 0; fi
    make_namespace "$PREFIX-node" || return 1
    [ "$NETWORK" = pods ] || return 0
    ip -n "$PREFIX-node" link add br0 type bridge && ip -n "$PREFIX-node" link set br0 up &&
        ip -n "$PREFIX-node" addr add 10.89.0.1/24 dev br0 || return 1
    for entry in "${PODS[@]}"; do
        pod=${entry%%:*} address=${entry#*:}
        make_namespace "$PREFIX-$pod" &&
            ip -n "$PREFIX-node" link add "$pod" type veth peer name eth0 netns "$PREFIX-$pod" &&
            ip -n "$PREFIX-node" link set "$pod" master br0 up &&
            ip -n "$PREFIX-$pod" addr add "$address/24" dev eth0 &&
            ip -n "$PREFIX-$pod" link set eth0 up || return 1
    done
}

# --- manifests ---------------------------------------------------------------------------------------------------

# Copies a manifest into the watched folder, in one step as any careful editor does; steer-bind's playground has other addresses.
place_manifest() {
    local to=$WORK/manifests/${2:-$(basename "$1")}
    if [ "$NETWORK" = pods ]; then
        cp "$1" "$WORK/next.tmp"
    else
        sed -e 's/10\.89\.0\./127.97.0./g' -e "s/port: 80\$/port: $PORT/" "$1" >"$WORK/next.tmp"
    fi
    mv "$WORK/next.tmp" "$to"
}

# --- services ----------------------------------------------------------------------------------------------------

compile_backend() {
    "$JAVA_HOME/bin/javac" -d "$WORK/classes" "$DEMO/Backend.java"
}

start_service() {   # NAME VERSION SAYS POD
    local entry address
    for entry in "${PODS[@]}"; do [ "${entry%%:*}" != "$4" ] || address=${entry#*:}; done
    [ "$NETWORK" = pods ] || address=${address/10.89.0./127.97.0.}
    inside "$4" "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx32m -cp "$WORK/classes" \
        Backend "$1" "$2" "$3" "$address" 8080 >"$WORK/$4.log" 2>&1 &
    undo "$END_PROCESS end_process $!"
}

start_services() {
    start_service smiley v1 'smiles :-)' smiley
    start_service oven v1 'baked it' oven-v1
    start_service oven v2 'baked it crisp' oven-v2
    start_service blender v1 blends blender
    start_service mixer v1 mixes mixer
    local pod i
    for pod in smiley oven-v1 oven-v2 blender mixer; do
        for i in $(seq 100); do grep -q 'listens on' "$WORK/$pod.log" && break; sleep 0.1; done
        grep -q 'listens on' "$WORK/$pod.log" || { echo "$pod did not start: $(cat "$WORK/$pod.log")"; return 1; }
    done
}

# --- daemon ------------------------------------------------------------------------------------------------------

# start_daemon STEERING: returns 3 when the steering cannot work here, with the reason in daemon.log.
start_daemon() {
    local i own=() before
    touch "$WORK/daemon.log"
    before=$(($(wc -l <"$WORK/daemon.log") + 1))
    [ "$1" = bind ] || own=("${OWN[@]}")
    inside node "$HEDDLE" run --manifests "$WORK/manifests" --set "steering=$1" --set "stateDir=$WORK/state" \
        --set "controlSocket=$HEDDLE_CONTROL_SOCKET" --set admin.address=127.0.0.1:0 "${own[@]}" >>"$WORK/daemon.log" 2>&1 &
    DAEMON=$!
    [ "$1" = bind ] || undo "'$HEDDLE' clean ${own[*]}"
    undo "$END_PROCESS end_process $DAEMON"
    for i in $(seq 300); do
        if tail -n "+$before" "$WORK/daemon.log" | grep -q ' ready after '; then return 0; fi
        if ! kill -0 "$DAEMON" 2>/dev/null; then wait "$DAEMON"; return $?; fi
        sleep 0.1
    done
    return 1
}

heddle() { timeout --foreground -k 2 60 "$HEDDLE" "$@"; }
