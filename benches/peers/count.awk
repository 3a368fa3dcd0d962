# Counts equal lines. Counting by jq's own `reduce` took 9 to 17 times as long (jq 1.6).
{ events[$0]++ }
END {
    for (group in events) {
        groups++
        total += events[group]
    }
    print groups + 0 " groups, " total + 0 " events"
}
