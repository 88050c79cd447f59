# Takes the examples out of retarget-segments(5), for the tests. What follows is said by
# comments of the page, .\" WORD..., each before the .Bd block that it is about:
#
#   cases            conditions, each beginning a line with its brace, and below it events
#                    of one person for whom it holds ("  yes {...}"), of one for whom it
#                    does not ("  no  {...}"), perhaps of one for whom it is undecided
#                    ("  open {...}")
#   example NAME     begins an example; what it is made of follows
#   whole            its segment file
#   part             members of its segment file: version and outputs (ids) are added
#   file NAME        a file that it reads: events.csv, customers.csv, ...
#   list NAME        a list that it writes: what should be in it
#
# Writes, in the folder it runs in,
#
#   conditions, cases.json, cases.jsonl     a condition: segments c1 and not1, c2 and not2,
#                                           ..., everyone; events of yes1, no1, open1, ...
#   NAME/segments.json, NAME/FILE, NAME/want/LIST
#
# The folders have to be there: awk 'sub(/^\.\\" example /, "")' PAGE says which.

function plain(s) {
    gsub(/\\e/, "\\", s)
    return s
}

function text_of(person, event) {
    sub(/^[^{]*[{]/, "", event)
    if (event !~ /"time":/)
        event = "\"time\": \"2026-07-01T11:00:00Z\", " event
    return sprintf("{\"user_id\": \"%s\", %s", person, event)
}

# A condition ends where its people begin.
function end_condition() {
    if (condition == "")
        return
    print condition > "conditions"
    n++
    printf(",\n    { \"name\": \"c%d\", \"match\": %s },\n", n, condition) > "cases.json"
    printf("    { \"name\": \"not%d\", \"match\": { \"not\": %s } }", n, condition) > "cases.json"
    condition = ""
}

# An example ends where the next one begins; parts are closed then.
function end_example() {
    if (parts)
        print ",\n  \"outputs\": [ { \"to\": \"ids\" } ]\n}" > (example "/segments.json")
    parts = 0
}

BEGIN {
    print "{ \"version\": 1, \"segments\": [" > "cases.json"
    printf("    { \"name\": \"everyone\", \"match\": { \"did\": \"*\" } }") > "cases.json"
}

/^\.\\" example / {
    end_example()
    example = $3
}

/^\.\\" (cases|whole|part|file|list)/ {
    want = $2
    to = example "/" (want == "list" ? "want/" : "") $3
    if (want == "whole" || want == "part")
        to = example "/segments.json"
    next
}

/^\.Bd/ {
    at = want
    want = ""
    if (at == "part")
        printf(parts++ ? ",\n" : "{\n  \"version\": 1,\n") > to
    first = 1
    next
}

/^\.Ed/ {
    at = ""
    next
}

at == "part" { # the line end before, not behind: a comma may follow
    printf("%s%s", first ? "" : "\n", plain($0)) > to
    first = 0
}

at == "whole" || at == "file" || at == "list" {
    print plain($0) > to
}

at == "cases" && /^  (yes|no|open) / {
    end_condition()
    print text_of($1 n, plain($0)) > "cases.jsonl"
    next
}

at == "cases" { # a condition, or a further line of it
    if (/^[{]/)
        condition = plain($0)
    else {
        sub(/^ +/, "")
        condition = condition " " plain($0)
    }
}

END {
    end_example()
    print " ], \"outputs\": [ { \"to\": \"ids\" } ] }" > "cases.json"
}
