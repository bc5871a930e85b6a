# What the demo prints: stories with the commands shown, and at the end a table of expected against seen. Sourced by `demo`.

if [ -t 1 ]; then BOLD=$'\e[1m' DIM=$'\e[2m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'; else BOLD='' DIM='' GREEN='' RED='' PLAIN=''; fi
ROWS=()
DIFFER=0
STORY=

story() { STORY=$1; printf '\n%s%s%s\n' "$BOLD" "$1" "$PLAIN"; }
say() { printf '  %s\n' "$*"; }
show() { printf '  %s$ %s%s\n' "$DIM" "$*" "$PLAIN"; }
lines() { sed 's/^/    /'; }

# verdict WHAT EXPECTED SEEN yes|no
verdict() {
    local mark="${GREEN}as expected${PLAIN}"
    if [ "$4" != yes ]; then
        mark="${RED}DIFFERS${PLAIN}" DIFFER=$((DIFFER + 1))
    fi
    printf '  %s: expected %s, seen %s: %s\n' "$1" "$2" "$3" "$mark"
    ROWS+=("$(printf '%-3s %-50s %-24s %s' "$([ "$4" = yes ] && echo ok || echo NO)" "$1" "$2" "$3")")
}

expect() { verdict "$1" "$2" "$3" "$([ "$2" = "$3" ] && echo yes)"; }
# expect_has WHAT WORD TEXT: the text holds the word.
expect_has() {
    case $3 in
        *"$2"*) verdict "$1" "$2" "$2" yes ;;
        *) verdict "$1" "$2" "${3:-nothing}" no ;;
    esac
}
# expect_between WHAT LOW HIGH SEEN
expect_between() { verdict "$1" "$2 to $3" "$4" "$([ "$4" -ge "$2" ] && [ "$4" -le "$3" ] && echo yes)"; }

report() {
    printf '\n%sReport%s (steering %s, %s seconds)\n' "$BOLD" "$PLAIN" "$MODE" "$1"
    printf '      %-50s %-24s %s\n' what expected seen
    printf '  %s\n' "${ROWS[@]}"
    if [ "$DIFFER" = 0 ]; then echo "  All as expected."; else echo "  $DIFFER of ${#ROWS[@]} differ."; return 1; fi
}
