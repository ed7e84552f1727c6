# The output of one run or several of a bench, as one table of ratios for README.md: a row for each question, a column for
# each contender. Of several runs each cell is the median.
#
#   cargo bench -p xsync-benches --bench map >run-1        (and so on)
#   awk -f benches/ratios.awk run-1 run-2 run-3            every row
#   awk -f benches/ratios.awk -v rows='^hit' run-*         those whose title fits

BEGIN { FS = " *[|] *" }

/^### / {
    title = substr($0, 5)
    subject = ""
    next
}

# In Markdown, `<` begins a tag.
function shown(name) { return name ~ /</ ? "`" name "`" : name }

# The row of a contender: | name | version | ns | quartiles | ratio | quartiles |
title ~ rows && NF == 8 && $4 ~ /^[0-9.]+$/ {
    name = $2
    if (!(title in seen)) titles[++asked] = title
    if (!(name in version)) names[++known] = name
    seen[title]
    version[name] = $3
    if (subject == "") subject = name
    split($7, edges, " [.][.] ")
    run = ++runs[title, name]
    time[title, name, run] = $4
    ratio[title, name, run] = $6
    low[title, name, run] = edges[1]
    high[title, name, run] = edges[2]
}

# The median over the runs.
function median(values, name,    i, j, moved, count, sorted) {
    count = runs[title, name]
    for (i = 1; i <= count; i++) {
        moved = values[title, name, i] + 0
        for (j = i - 1; j >= 1 && sorted[j] > moved; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = moved
    }
    return (sorted[int((count + 1) / 2)] + sorted[int(count / 2) + 1]) / 2
}

# A ratio; `=` where the quartiles contain 1, bold where the other is faster.
function cell(name,    text) {
    if (!((title, name) in runs)) return ""
    text = sprintf("%.2f", median(ratio, name))
    if (median(low, name) <= 1 && median(high, name) >= 1) return text " ="
    return text < 1 ? "**" text "**" : text
}

END {
    subject = names[1]
    head = "| row | " subject ", ns |"
    line = "|---|--:|"
    for (n = 2; n <= known; n++) {
        head = head " " shown(names[n]) " |"
        line = line "--:|"
    }
    print head "\n" line
    for (t = 1; t <= asked; t++) {
        title = titles[t]
        took = median(time, subject)
        text = "| " title " | " sprintf(took < 1000 ? "%.1f" : "%.0f", took) " |"
        for (n = 2; n <= known; n++) text = text " " cell(names[n]) " |"
        print text
    }
    for (n = 1; n <= known; n++) if (version[names[n]] != "") text = (n == 1 ? "" : text ", ") names[n] " " version[names[n]]
    print "\n" text "; runs: " runs[titles[1], subject]
}
