# The stories of the GAMMA page (Gateway API for Service Mesh), each with the commands that a user would type. Sourced by `demo`.

# client NAMESPACE/WORKLOAD CURL-ARGUMENTS...: curl as that workload; leaves its output in OUT, the status in CODE, the body in BODY.
client() {
    local who=$1; shift
    show "heddle exec --namespace ${who%/*} --workload ${who#*/} -- curl -s$(quoted "$@")"
    OUT=$(as "$who" "$@" -m 20 -w '%{http_code} after %{time_total} s\n' 2>"$WORK/client.log")
    CODE=$(printf '%s\n' "$OUT" | tail -1 | cut -d' ' -f1)
    BODY=$(printf '%s\n' "$OUT" | sed '$d')
    printf '%s\n' "$OUT" | tail -4 | lines
    [ "$CODE" != 000 ] || lines <"$WORK/client.log"
}

# quoted WORD...: as one would type them.
quoted() {
    local word
    for word in "$@"; do case $word in *[!-a-zA-Z0-9_:/.=]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac; done
}

# as NAMESPACE/WORKLOAD CURL-ARGUMENTS...: the bare command. On steer-bind a client is known by its source address.
as() (
    who=$1; shift
    inside "${who#*/}" timeout --foreground -k 2 60 "$HEDDLE" exec --namespace "${who%/*}" --workload "${who#*/}" -- "${CURL[@]}" "$@"
)

choose_curl() {
    CURL=(curl -s)
    [ "$MODE" = ebpf ] || CURL=(sh -c 'exec curl -s --interface "$HEDDLE_SOURCE" "$@"' curl)
    if [ "$NETWORK" = host ]; then
        # No mount namespace of our own, so no /etc/hosts of our own either: curl is told the addresses.
        heddle hosts | awk -v port="$PORT" '!/^#/ { for (i = 2; i <= NF; i++) printf "resolve = \"%s:%s:%s\"\n", $i, port, $1 }' >"$WORK/curlrc"
        CURL+=(-K "$WORK/curlrc")
    fi
}

# apply FILE [NAME]: puts a route into the watched folder, and waits until a newer generation is in force.
apply() {
    local before i
    before=$(generation)
    show "cp ${1#"$DEMO/"} manifests/"
    place_manifest "$1" "${2:-}"
    for i in $(seq 250); do
        [ "$(generation)" = "$before" ] || return 0
        sleep 0.02
    done
    say "(no new generation came)"
}

# The daemon's log has a line for each; cheaper to ask than the daemon.
generation() { grep -o 'snapshot published generation=[0-9]*' "$WORK/daemon.log" | tail -1; }

introduce() {
    choose_curl
    say ""
    case $NETWORK in
        pods) say "Every program below has a network namespace of its own ($PREFIX-NAME); none has a route out."
              say "Clients are curl, started as a workload of the mesh: nsenter --net=/run/netns/$PREFIX-NAME heddle exec ..." ;;
        node) say "Every program below is in the network namespace $PREFIX-node, which has a loopback interface and nothing else." ;;
        host) say "Every program below is on the loopback interface of this machine, on addresses of its own." ;;
    esac
    [ "$MODE" = ebpf ] || say "On steer-bind a client is known by its source address, so curl gets --interface \$HEDDLE_SOURCE."
    show "heddle hosts"
    heddle hosts | grep -v '^#' | head -12 | lines
}

walk() {
    no_route; producer_route; consumer_route; two_clients_of_one_namespace; canary; explained; edits_under_load; killed
}

no_route() {
    story "1. No route: as if there were no mesh"
    client faces/visitor "http://smiley.faces$AT/smile"
    expect_has "no route: the service answers" "straight" "$BODY"
    client faces/visitor -H 'Connection: close' "http://oven.foodprep$AT/bake?[1-20]"
    expect "no route: connections go over both ovens" "oven v1 oven v2" \
        "$(printf '%s\n' "$BODY" | grep -oE '^oven v[12]|s oven v[12]' | sed 's/^s //' | sort -u | paste -sd' ')"
}

producer_route() {
    story "2. A producer route: requests for /smile are routed, for every client"
    apply "$DEMO/routes/1-smiley-producer.yaml"
    client faces/visitor "http://smiley.faces$AT/smile"
    expect_has "producer route: /smile" "x-route: faces/smiley" "$BODY"
    story "3. What no route matches is rejected"
    client faces/visitor "http://smiley.faces$AT/frown"
    expect "producer route: /frown" 404 "$CODE"
}

consumer_route() {
    story "4. A consumer route: only clients in fast-clients feel its timeout of 100 ms"
    apply "$DEMO/routes/2-smiley-consumer.yaml"
    client fast-clients/shopper "http://smiley.faces$AT/smile?wait=300"
    expect "consumer route: fast-clients/shopper" 504 "$CODE"
    client faces/visitor "http://smiley.faces$AT/smile?wait=300"
    expect "consumer route: faces/visitor" 200 "$CODE"
}

two_clients_of_one_namespace() {
    story "5. blender and mixer, in one namespace, with different timeouts of the same oven"
    apply "$DEMO/routes/3-oven-blender.yaml"
    apply "$DEMO/routes/4-oven-mixer.yaml"
    client foodprep/blender "http://oven.foodprep$AT/bake?wait=300"
    expect "client service account: foodprep/blender, 100 ms" 504 "$CODE"
    client foodprep/mixer "http://oven.foodprep$AT/bake?wait=300"
    expect "client selector: foodprep/mixer, 2 s" 200 "$CODE"
}

canary() {
    local new
    story "6. A canary: one request in ten goes to the new oven"
    apply "$DEMO/routes/5-oven-canary.yaml"
    show "heddle exec --namespace fast-clients --workload shopper -- curl -s 'http://oven.foodprep$AT/bake?[1-1000]' | sort | uniq -c"
    as fast-clients/shopper "http://oven.foodprep$AT/bake?[1-1000]" >"$WORK/canary" 2>"$WORK/client.log"
    sort "$WORK/canary" | uniq -c | lines
    new=$(grep -c '^oven v2' "$WORK/canary")
    expect "canary: answers to 1,000 requests" 1000 "$(grep -c '^oven v[12]' "$WORK/canary")"
    expect_between "canary: of them by oven v2" 60 140 "$new"
}

explained() {
    local out
    story "7. Why does this request go where it goes?"
    show "heddle explain --from foodprep/blender GET http://oven.foodprep$AT/bake"
    out=$(heddle explain --from foodprep/blender GET "http://oven.foodprep$AT/bake" 2>&1)
    printf '%s\n' "$out" | lines
    expect_has "explain: the winning route" "oven-for-blender" "${out%%$'\n'*}"
}

edits_under_load() {
    local edits=0 total failed load weights=(90 10 0 100)
    story "8. A route edited while a load runs"
    show "heddle exec --namespace fast-clients --workload shopper -- curl -s -Z --parallel-max 20 -o /dev/null -w '%{http_code}\\n' 'http://oven.foodprep$AT/bake?[1-10000]' &"
    as fast-clients/shopper -Z --parallel-max 20 -o /dev/null -w '%{http_code}\n' "http://oven.foodprep$AT/bake?[1-10000]" \
        >"$WORK/load" 2>"$WORK/client.log" &
    load=$!
    until [ -s "$WORK/load" ] || ! kill -0 $load 2>/dev/null; do sleep 0.02; done
    while kill -0 $load 2>/dev/null && [ $edits -lt 400 ]; do
        edits=$((edits + 1))
        sed -e "s/weight: 90/weight: ${weights[edits % 4]}/; s/weight: 10\$/weight: $((100 - weights[edits % 4]))/" \
            "$DEMO/routes/5-oven-canary.yaml" >"$WORK/edited.yaml"
        place_manifest "$WORK/edited.yaml" 5-oven-canary.yaml
        sleep 0.05
    done
    wait $load
    show "sed -i 's/weight: .../' manifests/5-oven-canary.yaml    # $edits times meanwhile"
    total=$(wc -l <"$WORK/load") failed=$(grep -vc '^200$' "$WORK/load")
    sort "$WORK/load" | uniq -c | lines
    expect "edits under load: answers to 10,000 requests" 10000 "$total"
    verdict "edits under load: edits meanwhile" "at least 3" "$edits" "$([ $edits -ge 3 ] && echo yes)"
    expect "edits under load: failed requests" 0 "$failed"
    sed -e 's/weight: 90/weight: 0/; s/weight: 10$/weight: 100/' "$DEMO/routes/5-oven-canary.yaml" >"$WORK/5-oven-canary.yaml"
    apply "$WORK/5-oven-canary.yaml"
    client fast-clients/shopper "http://oven.foodprep$AT/bake"
    expect_has "edits under load: the last edit (all to v2)" "oven v2" "$BODY"
}

killed() {
    local waiter answered i
    story "9. The daemon is killed with -9"
    # A client that is a workload already; it makes its new connections after the kill.
    as_waiter >"$WORK/after" 2>"$WORK/client.log" &
    waiter=$!
    for i in $(seq 100); do [ -e "$WORK/waits" ] && break; sleep 0.1; done
    show "kill -9 $DAEMON    # the daemon"
    kill -KILL "$DAEMON"
    wait "$DAEMON" 2>/dev/null
    touch "$WORK/killed"
    wait $waiter
    show "curl -s -H 'Connection: close' 'http://smiley.faces$AT/smile?[1-100]' | sort | uniq -c    # as faces/visitor"
    sort "$WORK/after" | uniq -c | tail -3 | lines
    answered=$(grep -c '^smiley v1' "$WORK/after")
    if [ "$MODE" = ebpf ]; then
        expect "daemon killed: answers to 100 requests of visitor" 100 "$answered"
        expect "daemon killed: of them straight, as if no mesh" 100 "$(grep -c 'straight' "$WORK/after")"
        say "The hooks are pinned in the kernel: with the daemon gone they balance connections over the service's endpoints."
    else
        expect "daemon killed: answers to 100 requests of visitor" 0 "$answered"
        say "This is what differs on steer-bind: the listening sockets were the daemon's, so connects are refused until it is back."
        say "With eBPF steering the hooks are pinned in the kernel and go on balancing connections over the service's endpoints."
    fi
    story "10. The daemon comes back"
    show "heddle run --manifests manifests ..."
    start_daemon "$MODE" || { tail -5 "$WORK/daemon.log" | lines; }
    client faces/visitor "http://smiley.faces$AT/smile"
    expect_has "daemon back: the route is in force again" "x-route: faces/smiley" "$BODY"
}

as_waiter() (
    inside visitor timeout --foreground -k 2 60 "$HEDDLE" exec --namespace faces --workload visitor -- sh -c '
        touch "$0/waits"
        until [ -e "$0/killed" ]; do sleep 0.02; done
        exec "$@" -m 20' "$WORK" "${CURL[@]}" -H 'Connection: close' "http://smiley.faces$AT/smile?[1-100]"
)

stay() {
    report $(($(date +%s) - begin))
    cat <<S

The playground stays. From another terminal, as the same user:
  export HEDDLE_CONTROL_SOCKET=$HEDDLE_CONTROL_SOCKET
  $HEDDLE status | routes | shell
  $([ "$NETWORK" = host ] || echo "nsenter --net=/run/netns/$(namespace_of shopper) ")$HEDDLE exec --namespace fast-clients --workload shopper -- curl -s http://smiley.faces$AT/smile
  edit the manifests in $WORK/manifests and see what changes
Stop it with Ctrl-C here, or: kill $$
S
    STOP=
    trap 'STOP=yes' INT TERM HUP
    until [ -n "$STOP" ]; do sleep 1 & wait $!; done
    trap '' INT TERM HUP
    echo "Removing the playground ..."
    [ "$DIFFER" = 0 ]
    exit
}

finish_daemon() {
    local status left
    story "11. And nothing is left"
    show "kill $DAEMON    # SIGTERM drains, and removes what was attached"
    kill -TERM "$DAEMON"
    timeout 20 tail -s 0.1 --pid="$DAEMON" -f /dev/null
    wait "$DAEMON"
    status=$?
    expect "daemon stopped: exit status" 0 "$status"
    undo_all
    left=$(left_over)
    [ -z "$left" ] || printf '%s\n' "$left" | lines
    expect "left over: namespaces, processes, pins" 0 "$(printf '%s' "$left" | grep -c .)"
}

# What of ours is still there, one line each.
left_over() {
    local p mount
    [ "$NETWORK" = host ] || ip netns list | grep "^$PREFIX-"
    [ ! -e "/sys/fs/bpf/$PREFIX" ] || echo "pins: /sys/fs/bpf/$PREFIX"
    mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    [ ! -e "$mount/$PREFIX" ] || echo "cgroup: $mount/$PREFIX"
    for p in /proc/[0-9]*; do
        { tr '\0' ' ' <"$p/cmdline" | grep -- "$WORK/" | sed "s|^|process ${p#/proc/}: |"; } 2>/dev/null
    done
}
