#!/usr/bin/env bash
# Runs make targets of the current folder one after the other, goes on after a failure, and ends with the totals of all
# tests:
#
#   scripts/test.sh TARGET…
#
# The output of a target goes to target/test-logs/TARGET.log, and is shown when it fails, or always with VERBOSE=1.
# A target that fails without a failed test, such as a formatting check, counts as one failure. Lines that begin with
# "note: " are shown even when the target succeeds.
set -euo pipefail

logs=target/test-logs passed=0 failed=0
rm -rf $logs && mkdir -p $logs

# A disk that fills up ends in a linker's "Bus error", half an hour from here. With target/release, most is there.
free_gb=$(df -Pk target | awk 'NR == 2 { print int($4 / 1048576) }')
if [[ ! -e target/release ]] && ((free_gb < 14)); then
    echo "note: a first run writes about 14 GB, and $free_gb GB are free."
fi

# Prints the totals of a log as "PASSED FAILED", from the summaries of cargo test, wasm-bindgen-test and Playwright.
totals() {
    awk '/^test result: / { passed += $4; failed += $6 }
         /^ +[0-9]+ (passed|flaky) ?/ { passed += $1 }
         /^ +[0-9]+ (failed|interrupted|did not run)/ { failed += $1 }
         END { print passed + 0, failed + 0 }' "$1"
}

run() {
    if [[ ${VERBOSE:-} ]]; then make --no-print-directory "$1" 2>&1 | tee "$2"; else
        make --no-print-directory "$1" >"$2" 2>&1
    fi
}

for target; do
    log=$logs/$target.log begun=$SECONDS status=ok
    printf '%-12s ' "$target"
    run "$target" "$log" || status=failed
    read -r good bad < <(totals "$log")
    if [[ $status == failed && $bad == 0 ]]; then bad=1; fi
    if [[ $status == ok ]] && ((good)); then status="$good passed"; fi
    passed=$((passed + good)) failed=$((failed + bad))
    printf '%s, %s s\n' "$status" $((SECONDS - begun))
    if [[ ! ${VERBOSE:-} ]]; then grep '^note: ' "$log" || true; fi
    if [[ $status == failed && ! ${VERBOSE:-} ]]; then
        grep -vE '^ +(Compiling|Checking|Documenting|Download)' "$log" | tail -n 120
        echo "(the whole of it: $log)"
    fi
done

echo "$passed passed, $failed failed"
((failed == 0))
