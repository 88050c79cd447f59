# One person whose search for "hard" takes more than it may: instants of 60 events each, with
# four names and two fields of five values. And one who did it step by step.
function event(second, person, name, p, q) {
    printf "2026-06-01T00:00:%sZ,%s,%s,%d,%d,1\n", second, name, person, p, q
}
function draw(n) {
    seed = (seed * 1103 + 12345) % 65536
    return int(seed / 64) % n
}
BEGIN {
    print "time,event,user_id,p,q,r"
    for (second = 1; second <= 10; second++)
        for (i = 0; i < 60; i++) {
            name = substr("abcd", draw(4) + 1, 1)
            p = draw(5)
            event(sprintf("%02d", second), "crowd", name, p, draw(5))
        }
    for (i = 1; i <= 8; i++)
        event("20." i, "easy", substr("daadacbd", i, 1), 0, 0)
    event("20.9", "easy", "b", 9, 9)
}
