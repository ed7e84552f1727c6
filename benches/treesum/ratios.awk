# Samples, `round contender wall user system`, as a table of medians and quartiles: the ratios are to openssl and to the
# twin, of the same round.

{
    wall[$2, $1] = $3
    processor[$2, $1] = $4 + $5
    rounds = $1 + 1
}

# Quartile `which` of the first `count` of `values`.
function quartile(values, count, which,    i, j, moved, at, below) {
    for (i = 2; i <= count; i++) {
        moved = values[i]
        for (j = i - 1; j >= 1 && values[j] > moved; j--) values[j + 1] = values[j]
        values[j + 1] = moved
    }
    at = 1 + (count - 1) * which / 4
    below = int(at)
    return below == count ? values[count] : values[below] + (values[below + 1] - values[below]) * (at - below)
}

function column(times, contender, base,    round, values) {
    for (round = 0; round < rounds; round++)
        values[round + 1] = times[contender, round] / (base == "" ? 1 : times[base, round])
    return sprintf("%.2f (%.2f .. %.2f)", quartile(values, rounds, 2), quartile(values, rounds, 1), quartile(values, rounds, 3))
}

END {
    print "| contender | wall, s | / openssl | / twin | processor, s | / openssl | / twin |"
    print "|---|--:|--:|--:|--:|--:|--:|"
    count = split(order, contenders, " ")
    for (i = 1; i <= count; i++) {
        printf "| %s ", contenders[i]
        printf "| %s ", column(wall, contenders[i], "")
        printf "| %s ", column(wall, contenders[i], "openssl")
        printf "| %s ", column(wall, contenders[i], "twin")
        printf "| %s ", column(processor, contenders[i], "")
        printf "| %s ", column(processor, contenders[i], "openssl")
        printf "| %s |\n", column(processor, contenders[i], "twin")
    }
}
