/*
 * The segment file: what is refused, where and with which words; what is accepted, and
 * the tree that it becomes.
 *
 * In the texts a '~' marks where an error is expected and is taken out before reading;
 * errors[] then says for each mark, in order, the path and a word or two of the message.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "plan/segdef.h"

Suite *segdef_suite(void);

enum { ERRORS_MOST = 8 };

static const char *const platforms[] = { "ids", "google-ads", "meta" };

/* What stands around a case's text. The text begins a line of its own. */
enum around {
    WHOLE,     /* nothing */
    TOP,       /* more keys of the top level */
    SEGMENTS,  /* the list of segments */
    SEGMENT,   /* more keys of a segment */
    CONDITION, /* a segment's match */
    WHERE,     /* tests: segments[0].match.where */
    SOURCE     /* more keys of a source named "web" */
};

static const struct {
    const char *before, *after;
} arounds[] = {
    [WHOLE] = { "", "" },
    [TOP] = { "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": "
              "\"x\"}}],\n",
        "}" },
    [SEGMENTS] = { "{\"version\": 1, \"privacy\": {\"consent\": {\"ads\": {\"field\": "
                   "\"c\", \"granted\": [\"1\"]}}}, \"segments\":\n",
        "}" },
    [SEGMENT] = { "{\"version\": 1, \"privacy\": {\"consent\": {\"ads\": {\"field\": "
                  "\"c\", \"granted\": [\"1\"]}}}, \"segments\": [{\"name\": \"s\", "
                  "\"match\": {\"did\": \"x\"},\n",
        "}]}" },
    [CONDITION] = { "{\"version\": 1, \"timezone\": \"Europe/Rome\", \"events\": "
                    "{\"cart\": {\"event\": [\"add\", \"basket\"], \"where\": {\"v\": "
                    "1}}}, \"segments\": [{\"name\": \"other\", \"match\": {\"did\": "
                    "\"x\"}}, {\"name\": \"s\", \"match\":\n",
        "}]}" },
    [WHERE] = { "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": "
                "\"x\", \"where\":\n",
        "}}]}" },
    [SOURCE] = { "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": "
                 "{\"did\": \"x\"}}], \"sources\": [{\"name\": \"web\",\n",
        "}]}" },
};

struct file_case {
    const char *name;
    enum around around;
    const char *text;
    const char *errors[ERRORS_MOST]; /* "path|words|words" */
};

/* ---- what is refused */

#define M "segments[1].match"
#define W "segments[0].match.where"

static const struct file_case cases[] = {
    /* the top level */
    { "nothing but an object", WHOLE, "~~{}",
        { "|\"version\" is missing", "|\"segments\" is missing" } },
    { "a list", WHOLE, "~[1]", { "|expected an object, found a list" } },
    { "another version", WHOLE,
        "{\"version\": ~2, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": "
        "\"x\"}}]}",
        { "version|expected 1" } },
    { "the version as a text", WHOLE, "{\"version\": ~\"1\",\n\"segments\": ~[]}",
        { "version|expected the number 1|found a text",
            "segments|is empty|at least one segment" } },
    { "version 1.0 is 1", WHOLE,
        "{\"version\": 1.0, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": "
        "\"x\"}}]}",
        { NULL } },
    { "unknown key with a neighbour", TOP, "~\"timezon\": \"UTC\"",
        { "timezon|unknown key \"timezon\"|nearest is \"timezone\"" } },
    { "unknown key without one", TOP, "~\"zebra\": 1",
        { "zebra|unknown key \"zebra\"|expected one of" } },
    { "$schema is for the top", TOP, "\"$schema\": \"x\"", { NULL } },
    { "$schema nowhere else", SEGMENT, "~\"$schema\": \"x\"",
        { "segments[0].$schema|unknown key" } },
    { "no such zone", TOP, "\"timezone\": ~\"Europe/Roma\"",
        { "timezone|no time zone \"Europe/Roma\"|nearest is \"Europe/Rome\"" } },
    { "a zone outside the database", TOP, "\"timezone\": ~\"../passwd\"",
        { "timezone|no time zone" } },
    { "an empty zone", TOP, "\"timezone\": ~\"\"", { "timezone|is empty" } },
    { "week", TOP, "\"week_starts\": ~\"sundai\"",
        { "week_starts|expected \"monday\" or \"sunday\"|nearest is \"sunday\"" } },
    { "session timeout", TOP, "\"session\": {\"timeout\": ~30}",
        { "session.timeout|a duration like \"7d\"|found a number" } },
    { "session timeout of 0", TOP, "\"session\": {\"timeout\": ~\"0m\"}",
        { "session.timeout|more than 0" } },
    { "session without timeout", TOP, "\"session\": ~{}",
        { "session|\"timeout\" is missing" } },
    { "a NUL in a text", TOP, "\"week_starts\": ~\"mon\\u0000day\"", { "|u0000" } },

    { "repeated keys, together with the rest", TOP,
        "\"session\": {\"timeout\": \"1h\", ~\"timeout\": 5}, \"timezone\": ~5",
        { "session.timeout|stood before", "timezone|a time zone" } },

    /* durations */
    { "a month is no unit", CONDITION, "{\"did\": \"x\", \"in_last\": ~\"1M\"}",
        { M ".in_last|digits and one unit" } },
    { "no fraction", CONDITION, "{\"did\": \"x\", \"in_last\": ~\"1.5d\"}",
        { M ".in_last|digits and one unit" } },
    { "no sign", CONDITION, "{\"did\": \"x\", \"in_last\": ~\"-1d\"}",
        { M ".in_last|digits and one unit" } },
    { "too long", CONDITION, "{\"did\": \"x\", \"in_last\": ~\"99999999w\"}",
        { M ".in_last|10,000 years" } },

    /* conditions: keys */
    { "no condition", CONDITION, "~{}", { M "|names no condition" } },
    { "only a narrowing key", CONDITION, "~{\"where\": {\"a\": 1}}",
        { M "|names no condition" } },
    { "a misspelt condition", CONDITION, "{~\"didnt\": \"x\"}",
        { M ".didnt|unknown key \"didnt\"|nearest is" } },
    { "two conditions", CONDITION, "{\"did\": \"x\", ~\"did_not\": \"y\"}",
        { M ".did_not|\"did_not\" beside \"did\"|\"all\": [...]" } },
    { "a misspelt window", CONDITION, "{\"did\": \"x\", ~\"inlast\": \"7d\"}",
        { M ".inlast|nearest is \"in_last\"" } },
    { "a window on last", CONDITION,
        "{\"last\": \"x\", ~\"in_last\": \"7d\", \"ago\": "
        "{\"max\": \"1d\"}}",
        { M ".in_last|goes with \"did\", \"did_not\", \"sequence\" and \"session\", not "
            "with "
            "\"last\"" } },
    { "a measure on did_not", CONDITION, "{\"did_not\": \"x\", ~\"at_least\": 2}",
        { M ".at_least|goes with \"did\", not with \"did_not\"" } },
    { "anchor on a sequence", CONDITION,
        "{\"sequence\": [{\"did\": \"x\"}], ~\"since_last\": \"y\"}",
        { M ".since_last|goes with \"did\" and \"did_not\", not with \"sequence\"" } },
    { "a list for a condition", CONDITION, "~[{\"did\": \"x\"}]",
        { M "|expected a condition, found a list|\"all\": [...]" } },
    { "an empty all", CONDITION, "{\"all\": ~[]}",
        { M ".all|is empty, expected a list of at least one condition" } },
    { "an empty any", CONDITION, "{\"any\": ~[]}", { M ".any|is empty" } },
    { "not takes one", CONDITION, "{\"not\": ~[{\"did\": \"x\"}]}",
        { M ".not|found a list" } },
    { "errors deep down, all of them", CONDITION,
        "{\"all\": [{\"any\": [{\"did\": ~7}, ~3]},\n {\"not\": {\"did\": \"x\", "
        "\"in_last\": ~7}}]}",
        { M ".all[0].any[0].did|expected an event name",
            M ".all[0].any[1]|a condition like",
            M ".all[1].not.in_last|a duration like" } },

    /* events */
    { "an empty event", CONDITION, "{\"did\": ~\"\"}", { M ".did|is empty" } },
    { "an empty list of events", CONDITION, "{\"did\": ~[]}", { M ".did|is empty" } },
    { "an empty event in a list", CONDITION, "{\"did\": [\"a\", ~\"\"]}",
        { M ".did[1]|is empty" } },
    { "a star in a list", CONDITION, "{\"did\": [\"a\", ~\"*\"]}",
        { M ".did[1]|stands alone" } },
    { "friendly event without event", TOP, "\"events\": {\"cart\": ~{}}",
        { "events.cart|\"event\" is missing" } },
    { "friendly event as a text", TOP, "\"events\": {\"cart\": ~\"add\"}",
        { "events.cart|expected an object like" } },
    { "a star in a friendly list", TOP,
        "\"events\": {\"cart\": {\"event\": [\"a\", ~\"*\"]}}",
        { "events.cart.event[1]|stands alone" } },
    { "a friendly star", TOP, "\"events\": {~\"*\": {\"event\": \"x\"}}",
        { "events[\"*\"]|every event already" } },
    { "friendly event, bad test", TOP,
        "\"events\": {\"cart\": {\"event\": [\"a\", ~\"\"], \"where\": {\"v\": ~null}}}",
        { "events.cart.event[1]|is empty", "events.cart.where.v|exists" } },

    /* windows */
    { "two windows", CONDITION,
        "{\"did\": \"x\", \"in_last\": \"7d\", ~\"on\": \"today\"}",
        { M ".on|\"on\" beside \"in_last\"|one window only" } },
    { "from beside ago", CONDITION,
        "{\"did\": \"x\", ~\"from\": \"2026-01-01\", \"ago\": {\"max\": \"1d\"}}",
        { M ".from|\"from\" beside \"ago\"" } },
    { "two anchors", CONDITION,
        "{\"did\": \"x\", \"since_last\": \"a\", ~\"before_last\": \"b\"}",
        { M ".before_last|\"before_last\" beside \"since_last\"|one anchor only" } },
    { "in_last 0", CONDITION, "{\"did\": \"x\", \"in_last\": ~\"0s\"}",
        { M ".in_last|can never hold" } },
    { "ago of nothing", CONDITION, "{\"did\": \"x\", \"ago\": ~{}}",
        { M ".ago|needs \"min\" or \"max\"" } },
    { "ago as a text", CONDITION, "{\"did\": \"x\", \"ago\": ~\"7d\"}",
        { M ".ago|expected ages like|found a text" } },
    { "min is max", CONDITION,
        "{\"did\": \"x\", \"ago\": {\"min\": \"24h\", \"max\": ~\"1d\"}}",
        { M ".ago.max|can never hold" } },
    { "max 0", CONDITION, "{\"did\": \"x\", \"ago\": {\"max\": ~\"0s\"}}",
        { M ".ago.max|can never hold" } },
    { "min over max on last", CONDITION,
        "{\"last\": \"x\", \"ago\": {\"min\": \"8d\", \"max\": ~\"7d\"}}",
        { M ".ago.max|can never hold" } },
    { "unknown key of ago", CONDITION,
        "{\"did\": \"x\", \"ago\": {~\"mim\": \"1d\", "
        "\"max\": \"2d\"}}",
        { M ".ago.mim|nearest is \"min\"" } },
    { "no such calendar window", CONDITION, "{\"did\": \"x\", \"on\": ~\"this_wek\"}",
        { M ".on|last_N_days|nearest is \"this_week\"" } },
    { "the last 0 days", CONDITION, "{\"did\": \"x\", \"on\": ~\"last_0_days\"}",
        { M ".on|N from 1" } },
    { "too many days", CONDITION, "{\"did\": \"x\", \"on\": ~\"last_36501_days\"}",
        { M ".on|36500" } },
    { "from is to", CONDITION,
        "{\"did\": \"x\", \"from\": \"2026-01-02T00:00\", \"to\": ~\"2026-01-02T00:00\"}",
        { M ".to|can never hold" } },
    { "from the day that to ends is a window", CONDITION,
        "{\"did\": \"x\", \"from\": \"2026-01-02\", \"to\": \"2026-01-02\"}", { NULL } },
    { "from after to", CONDITION,
        "{\"did\": \"x\", \"from\": \"2026-01-03\", \"to\": ~\"2026-01-02\"}",
        { M ".to|later than \"from\"" } },
    { "a day that does not exist", CONDITION,
        "{\"did\": \"x\", \"from\": ~\"2026-02-29\"}", { M ".from|that exists" } },
    { "a number for a time", CONDITION, "{\"did\": \"x\", \"to\": ~20260101}",
        { M ".to|a time like|found a number" } },

    /* measures */
    { "at_most below at_least", CONDITION,
        "{\"did\": \"x\", \"at_least\": 3, \"at_most\": ~2}",
        { M ".at_most|can never hold" } },
    { "exactly beside at_least", CONDITION,
        "{\"did\": \"x\", \"at_least\": 3, ~\"exactly\": 3}",
        { M ".exactly|goes without \"at_least\"" } },
    { "half an event", CONDITION, "{\"did\": \"x\", \"at_least\": ~1.5}",
        { M ".at_least|whole number of at least 0" } },
    { "fewer than no events", CONDITION, "{\"did\": \"x\", \"at_most\": ~-1}",
        { M ".at_most|whole number" } },
    { "a count as a text", CONDITION, "{\"did\": \"x\", \"exactly\": ~\"3\"}",
        { M ".exactly|a whole number, found a text" } },
    { "distinct alone", CONDITION, "{\"did\": \"x\", ~\"distinct\": \"product_id\"}",
        { M ".distinct|needs \"at_least\"" } },
    { "sum without a bound", CONDITION, "{\"did\": \"x\", ~\"sum\": \"value\"}",
        { M ".sum|needs one of \"gte\"" } },
    { "a bound without a sum", CONDITION, "{\"did\": \"x\", ~\"gte\": 3}",
        { M ".gte|needs \"sum\"|\"at_least\"" } },
    { "sum and avg", CONDITION,
        "{\"did\": \"x\", \"sum\": \"v\", ~\"avg\": \"v\", \"gte\": 3}",
        { M ".avg|one measure only" } },
    { "sum and count", CONDITION,
        "{\"did\": \"x\", \"sum\": \"v\", \"gte\": 3, ~\"at_least\": 2}",
        { M ".at_least|one measure only" } },
    { "sum with distinct", CONDITION,
        "{\"did\": \"x\", \"max\": \"v\", \"gte\": 3, ~\"distinct\": \"w\"}",
        { M ".distinct|one measure only" } },
    { "a bound that is no number", CONDITION,
        "{\"did\": \"x\", \"sum\": ~\"\", \"lt\": ~\"3\"}",
        { M ".sum|is empty", M ".lt|a number, found a text" } },

    /* last, first, profile */
    { "last alone", CONDITION, "~{\"last\": \"x\"}",
        { M "|\"last\" needs \"ago\" or \"is\"" } },
    { "first with where alone", CONDITION, "~{\"first\": \"x\", \"where\": {\"a\": 1}}",
        { M "|\"first\" needs" } },
    { "an empty profile", CONDITION, "{\"profile\": ~{}}", { M ".profile|is empty" } },
    { "a profile that is a text", CONDITION, "{\"profile\": ~\"x\"}",
        { M ".profile|expected tests like" } },

    /* segments as conditions */
    { "no such segment", CONDITION, "{\"segment\": ~\"othr\"}",
        { M ".segment|no segment \"othr\"|nearest is \"other\"" } },
    { "a segment in another case", CONDITION, "{\"segment\": ~\"Other\"}",
        { M ".segment|nearest is \"other\"" } },
    { "itself", CONDITION, "{\"all\": [{\"segment\": ~\"s\"}]}",
        { M ".all[0].segment|in a circle: s -> s" } },

    /* sequences */
    { "no steps", CONDITION, "{\"sequence\": ~[]}", { M ".sequence|is empty" } },
    { "only negative steps", CONDITION, "{\"sequence\": ~[{\"did_not\": \"x\"}]}",
        { M ".sequence|at least one \"did\" step" } },
    { "a step of both kinds", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, ~{\"did\": \"x\", \"did_not\": \"y\"}]}",
        { M ".sequence[1]|\"did\" and \"did_not\" are two steps" } },
    { "a step of neither kind", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, ~{\"within\": \"1d\"}]}",
        { M ".sequence[1]|either" } },
    { "the first step looks back", CONDITION,
        "{\"sequence\": [{\"did\": \"a\", ~\"within\": \"1d\", ~\"after\": \"1h\", "
        "~\"next\": true, ~\"same\": [\"p\"]}]}",
        { M ".sequence[0].within|the first", M ".sequence[0].after|the first",
            M ".sequence[0].next|the first", M ".sequence[0].same|the first" } },
    { "the first positive step behind a negative one looks back", CONDITION,
        "{\"sequence\": [{\"did_not\": \"a\", \"within\": \"1d\"}, {\"did\": \"b\", "
        "~\"within\": \"1d\"}]}",
        { M ".sequence[1].within|the first" } },
    { "within on a did_not in the middle", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did_not\": \"b\", ~\"within\": \"1d\"}, "
        "{\"did\": \"c\"}]}",
        { M ".sequence[1].within|between two \"did\" steps" } },
    { "within on a did_not at both ends", CONDITION,
        "{\"sequence\": [{\"did_not\": \"z\", \"within\": \"1d\"}, {\"did\": \"a\"}, "
        "{\"did_not\": \"b\", \"within\": \"1d\", \"same\": [\"p\"]}]}",
        { NULL } },
    { "after and next on a did_not", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did_not\": \"b\", ~\"after\": \"1d\", "
        "~\"next\": true}]}",
        { M ".sequence[1].after|\"did\" step only",
            M ".sequence[1].next|\"did\" step only" } },
    { "after beyond within", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\", \"within\": \"1h\", "
        "\"after\": "
        "~\"2h\"}]}",
        { M ".sequence[1].after|can never hold" } },
    { "after equal to within", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\", \"within\": \"1h\", "
        "\"after\": "
        "\"1h\"}]}",
        { NULL } },
    { "same is a list", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\", \"same\": ~\"p\"}]}",
        { M ".sequence[1].same|a list of at least one text" } },
    { "in something else", CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}], \"in\": ~\"sesion\", \"anchor\": ~\"none\"}",
        { M ".in|expected \"session\"", M ".anchor|\"any\", \"first\" or \"last\"" } },
    { "a step's unknown key", CONDITION,
        "{\"sequence\": [{\"did\": \"a\", ~\"wher\": {}}, ~5]}",
        { M ".sequence[0].wher|nearest is \"where\"", M ".sequence[1]|a step like" } },

    /* sessions */
    { "which session", CONDITION, "{\"session\": ~\"firts\"}",
        { M ".session|nearest is \"first\"" } },
    { "an anchor on a session", CONDITION,
        "{\"session\": \"any\", ~\"before_last\": \"x\"}",
        { M ".before_last|not with" } },
    { "has without did", CONDITION, "{\"session\": \"any\", \"has\": ~{\"at_least\": 2}}",
        { M ".has|\"did\" is missing" } },
    { "has with a window", CONDITION,
        "{\"session\": \"any\", \"has\": {\"did\": \"x\", ~\"in_last\": \"1d\"}}",
        { M ".has.in_last|unknown key" } },
    { "duration takes durations", CONDITION,
        "{\"session\": \"any\", \"duration\": {\"gte\": ~60}}",
        { M ".duration.gte|a duration like" } },
    { "duration of nothing", CONDITION, "{\"session\": \"any\", \"duration\": ~{}}",
        { M ".duration|is empty" } },
    { "durations that exclude each other", CONDITION,
        "{\"session\": \"any\", \"duration\": ~{\"gte\": \"60s\", \"lt\": \"60s\"}}",
        { M ".duration|can never hold" } },
    { "a duration of nothing at most", CONDITION,
        "{\"session\": \"any\", \"duration\": ~{\"gte\": \"1s\", \"lte\": \"0s\"}}",
        { M ".duration|can never hold" } },
    { "durations that meet", CONDITION,
        "{\"session\": \"any\", \"duration\": {\"gte\": \"60s\", \"lte\": \"60s\"}}",
        { NULL } },
    { "a duration below 0", CONDITION,
        "{\"session\": \"any\", \"duration\": ~{\"lt\": \"0s\"}}",
        { M ".duration|can never hold" } },
    { "event counts that exclude each other", CONDITION,
        "{\"session\": \"any\", \"events\": ~{\"gt\": 3, \"lt\": 4}}",
        { M ".events|can never hold" } },
    { "a wrong eq is told once", CONDITION,
        "{\"session\": \"any\", \"events\": {\"eq\": ~1.5}}", { M ".events.eq|whole" } },

    /* for_some */
    { "for_some without holds", CONDITION, "~{\"for_some\": \"product_id\"}",
        { M "|\"holds\" is missing" } },
    { "what for_some does not take", CONDITION,
        "{\"for_some\": \"p\", \"holds\": {\"all\": [{~\"segment\": \"other\"}, "
        "{~\"profile\": {\"a\": 1}}, {~\"session\": \"any\"}, {~\"for_some\": \"q\", "
        "\"holds\": {\"did\": \"x\"}}, {~\"rank\": {\"count\": true, \"of\": \"x\"}, "
        "\"top\": 1}]}}",
        { M ".holds.all[0].segment|cannot stand in \"for_some\"",
            M ".holds.all[1].profile|cannot", M ".holds.all[2].session|cannot",
            M ".holds.all[3].for_some|cannot", M ".holds.all[4].rank|cannot" } },
    { "a session's sequence in for_some", CONDITION,
        "{\"for_some\": \"p\", \"holds\": {\"sequence\": [{\"did\": \"x\"}], ~\"in\": "
        "\"session\"}}",
        { M ".holds.in|cannot stand in \"for_some\"" } },
    { "behind for_some all is allowed again", CONDITION,
        "{\"all\": [{\"for_some\": \"p\", \"holds\": {\"did\": \"x\"}}, {\"segment\": "
        "\"other\"}]}",
        { NULL } },

    /* rank */
    { "rank without top", CONDITION, "~{\"rank\": {\"count\": true, \"of\": \"x\"}}",
        { M "|needs \"top\" or \"bottom\"" } },
    { "top and bottom", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": 5, ~\"bottom\": 5}",
        { M ".bottom|one of the two" } },
    { "rank by nothing", CONDITION, "{\"rank\": ~{\"of\": \"x\"}, \"top\": 5}",
        { M ".rank|needs one of \"count\": true" } },
    { "rank of nothing", CONDITION, "{\"rank\": ~{\"sum\": \"v\"}, \"top\": 5}",
        { M ".rank|\"of\" is missing" } },
    { "rank by two", CONDITION,
        "{\"rank\": {\"sum\": \"v\", ~\"avg\": \"v\", \"of\": \"x\"}, \"top\": 5}",
        { M ".rank.avg|one measure only" } },
    { "rank by min is none", CONDITION,
        "{\"rank\": {\"sum\": \"v\", ~\"min\": \"v\", \"of\": \"x\"}, \"top\": 5}",
        { M ".rank.min|unknown key" } },
    { "count is true", CONDITION,
        "{\"rank\": {\"count\": ~false, \"of\": \"x\"}, \"top\": 5}",
        { M ".rank.count|expected true" } },
    { "count of a field", CONDITION,
        "{\"rank\": {\"count\": ~\"x\", \"of\": \"x\"}, \"top\": 5}",
        { M ".rank.count|true or false" } },
    { "top 0", CONDITION, "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": ~0}",
        { M ".top|at least 1" } },
    { "top 0%", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": ~\"0%\"}",
        { M ".top|can never hold" } },
    { "top 101%", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": ~\"101%\"}",
        { M ".top|0 to 100" } },
    { "a share without its sign", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": ~\"10\"}",
        { M ".top|a percentage like" } },
    { "among whom", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": 1, \"among\": ~\"othr\"}",
        { M ".among|nearest is \"other\"" } },
    { "among itself", CONDITION,
        "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": 1, \"among\": ~\"s\"}",
        { M ".among|circle: s -> s" } },

    /* tests */
    { "no tests", WHERE, "~{}", { W "|is empty" } },
    { "tests as a list", WHERE, "~[]", { W "|expected tests like" } },
    { "an empty field", WHERE, "{~\"\": 1}", { W "[\"\"]|expected a field name" } },
    { "an empty value", WHERE, "{\"a\": ~\"\"}", { W ".a|\"exists\": false" } },
    { "null", WHERE, "{\"a\": ~null}", { W ".a|found null|\"exists\": false" } },
    { "an empty list", WHERE, "{\"a\": ~[]}", { W ".a|is empty" } },
    { "an empty value in a list", WHERE, "{\"a\": [\"b\", ~\"\", ~null, ~[1]]}",
        { W ".a[1]|exists", W ".a[2]|exists", W ".a[3]|found a list" } },
    { "no operator", WHERE, "{\"a\": ~{}}", { W ".a|names no operator" } },
    { "only a modifier", WHERE, "{\"a\": ~{\"ignore_case\": true}}",
        { W ".a|names no operator" } },
    { "unknown operator", WHERE, "{\"a\": {~\"startswith\": \"x\"}}",
        { W ".a.startswith|unknown operator|nearest is \"starts_with\"" } },
    { "not inside", WHERE, "{\"a\": {~\"not\": \"x\"}}",
        { W ".a.not|stands around the whole test" } },
    { "a list for eq", WHERE, "{\"a\": {\"eq\": ~[\"x\"]}, \"b\": {\"ne\": ~[1]}}",
        { W ".a.eq|\"in\" takes a list", W ".b.ne|\"not_in\" takes a list" } },
    { "one value for in", WHERE, "{\"a\": {\"in\": ~\"x\"}}",
        { W ".a.in|a list of at least one value" } },
    { "an empty in", WHERE, "{\"a\": {\"not_in\": ~[]}}", { W ".a.not_in|is empty" } },
    { "a number as a text", WHERE, "{\"a\": {\"gte\": ~\"10\"}}",
        { W ".a.gte|a number, found a text" } },
    { "seven decimals", WHERE, "{\"a\": ~0.1234567}", { W ".a|more than six decimals" } },
    { "1e-7", WHERE, "{\"a\": ~1e-7}", { W ".a|more than six decimals" } },
    { "13 digits", WHERE, "{\"a\": ~1000000000000}", { W ".a|at most 12 digits" } },
    { "1e12", WHERE, "{\"a\": {\"lt\": ~1e12}}", { W ".a.lt|at most 12 digits" } },
    { "1e999999999999", WHERE, "{\"a\": ~1e999999999999}", { W ".a|at most 12 digits" } },
    { "1e-999999999999", WHERE, "{\"a\": ~1e-999999999999}",
        { W ".a|more than six decimals" } },
    { "zero with any exponent is zero", WHERE, "{\"a\": 0e99, \"b\": 0.000000000}",
        { NULL } },
    { "zeros past the sixth decimal are none", WHERE, "{\"a\": 1.0000000000}", { NULL } },
    { "between one", WHERE, "{\"a\": {\"between\": ~[1]}}",
        { W ".a.between|two numbers|found a list of 1" } },
    { "between in the wrong order", WHERE, "{\"a\": {\"between\": ~[2, 1]}}",
        { W ".a.between|can never hold" } },
    { "between equals", WHERE, "{\"a\": {\"between\": [2, 2.0]}}", { NULL } },
    { "between texts", WHERE, "{\"a\": {\"between\": [~\"1\", ~\"2\"]}}",
        { W ".a.between[0]|a number", W ".a.between[1]|a number" } },
    { "contains nothing", WHERE, "{\"a\": {\"contains\": ~\"\"}}",
        { W ".a.contains|is empty" } },
    { "contains a number", WHERE, "{\"a\": {\"contains\": ~1}}",
        { W ".a.contains|a text, found a number" } },
    { "a broken regex", WHERE, "{\"a\": {\"regex\": ~\"a(b\"}}",
        { W ".a.regex|regular expression|at character 4" } },
    { "exists takes a truth", WHERE, "{\"a\": {\"exists\": ~\"yes\"}}",
        { W ".a.exists|true or false" } },
    { "ignore_case of numbers", WHERE, "{\"a\": {\"gte\": 1, ~\"ignore_case\": true}}",
        { W ".a.ignore_case|texts only" } },
    { "ignore_case of an eq number", WHERE,
        "{\"a\": {\"eq\": 1, ~\"ignore_case\": true}}",
        { W ".a.ignore_case|texts only" } },
    { "ignore_case as a text", WHERE,
        "{\"a\": {\"eq\": \"x\", \"ignore_case\": ~\"yes\"}}",
        { W ".a.ignore_case|true or false" } },
    { "bits past the prefix", WHERE, "{\"ip\": {\"cidr\": ~\"10.0.0.1/8\"}}",
        { W ".ip.cidr|bits past the prefix" } },
    { "no network", WHERE, "{\"ip\": {\"cidr\": [\"10.0.0.0/8\", ~\"x\", ~7]}}",
        { W ".ip.cidr[1]|a network like", W ".ip.cidr[2]|found a number" } },
    { "an empty list of networks", WHERE, "{\"ip\": {\"cidr\": ~[]}}",
        { W ".ip.cidr|is empty" } },
    { "ages of a field", WHERE, "{\"t\": {\"ago\": {\"min\": \"2d\", \"max\": ~\"1d\"}}}",
        { W ".t.ago.max|can never hold" } },
    { "before what", WHERE, "{\"t\": {\"before\": ~\"soon\"}}",
        { W ".t.before|a time like" } },
    { "an empty any among tests", WHERE, "{\"any\": ~[], \"all\": [~{}], \"not\": ~{}}",
        { W ".any|is empty", W ".all[0]|is empty", W ".not|is empty" } },
    { "a test as a list under not", WHERE, "{\"not\": ~[{\"a\": 1}]}",
        { W ".not|expected tests like" } },

    /* segments */
    { "a segment that is none", SEGMENTS, "[~7]", { "segments[0]|a segment like" } },
    { "no name, no match", SEGMENTS, "[~~{}]",
        { "segments[0]|\"name\" is missing", "segments[0]|\"match\" is missing" } },
    { "names", SEGMENTS,
        "[{\"name\": ~\"a b\", \"match\": {\"did\": \"x\"}}, {\"name\": ~\"\", "
        "\"match\": "
        "{\"did\": \"x\"}}, {\"name\": ~5, \"match\": {\"did\": \"x\"}}, {\"name\": "
        "~\"caf\xc3\xa9\", \"match\": {\"did\": \"x\"}}]",
        { "segments[0].name|letters, digits", "segments[1].name|is empty",
            "segments[2].name|a name, found a number", "segments[3].name|ASCII" } },
    { "a name of 64 bytes", SEGMENTS,
        "[{\"name\": "
        "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234\", "
        "\"match\": {\"did\": \"x\"}}]",
        { NULL } },
    { "a name of 65 bytes", SEGMENTS,
        "[{\"name\": ~\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345"
        "\", \"match\": {\"did\": \"x\"}}]",
        { "segments[0].name|1 to 64" } },
    { "a name twice, case aside", SEGMENTS,
        "[{\"name\": \"b\", \"match\": {\"did\": \"x\"}}, {\"name\": ~\"B\", \"match\": "
        "{\"did\": \"x\"}}, {\"name\": ~\"b\", \"match\": {\"did\": \"x\"}}]",
        { "segments[1].name|another segment has the name \"B\", case aside",
            "segments[2].name|another segment has the name \"b\"" } },
    { "an empty exclude", SEGMENT, "\"exclude\": ~[]",
        { "segments[0].exclude|is empty" } },
    { "an empty about", SEGMENT, "\"about\": ~\"\"", { "segments[0].about|is empty" } },
    { "tier without priority", SEGMENT, "~\"tier\": \"t\"",
        { "segments[0].tier|needs \"priority\"" } },
    { "priority without tier", SEGMENT, "~\"priority\": 1",
        { "segments[0].priority|needs \"tier\"" } },
    { "half a priority", SEGMENT, "\"tier\": \"t\", \"priority\": ~1.5",
        { "segments[0].priority|a whole number" } },
    { "one priority twice in a tier", SEGMENTS,
        "[{\"name\": \"a\", \"match\": {\"did\": \"x\"}, \"tier\": \"t\", \"priority\": "
        "-1}, {\"name\": \"b\", \"match\": {\"did\": \"x\"}, \"tier\": \"u\", "
        "\"priority\": -1}, {\"name\": \"c\", \"match\": {\"did\": \"x\"}, \"tier\": "
        "\"t\", \"priority\": ~-1}]",
        { "segments[2].priority|segment \"a\" of this tier has the same priority" } },
    { "consent", SEGMENT, "\"consent\": [\"ads\", ~\"adds\", ~\"zebra\"]",
        { "segments[0].consent[1]|no purpose of consent \"adds\"|nearest is \"ads\"",
            "segments[0].consent[2]|no purpose" } },
    { "consent to nothing", SEGMENT, "\"consent\": ~[]",
        { "segments[0].consent|is empty" } },
    { "min_size", SEGMENT, "\"min_size\": ~-5", { "segments[0].min_size|at least 0" } },
    { "split without its keys", SEGMENT, "\"split\": ~~{}",
        { "segments[0].split|\"salt\" is missing",
            "segments[0].split|\"arms\" is missing" } },
    { "no arms", SEGMENT, "\"split\": {\"salt\": ~\"\", \"arms\": ~{}}",
        { "segments[0].split.salt|is empty", "segments[0].split.arms|is empty" } },
    { "arms", SEGMENT,
        "\"split\": {\"salt\": \"x\", \"arms\": {~\"a b\": 10, \"c\": ~0.125, \"d\": "
        "~-1, "
        "\"e\": ~\"5\", \"f\": ~101}}",
        { "segments[0].split.arms[\"a b\"]|an arm's name",
            "segments[0].split.arms.c|two decimals", "segments[0].split.arms.d|0 to 100",
            "segments[0].split.arms.e|found a text",
            "segments[0].split.arms.f|0 to 100" } },
    { "arms twice, case aside", SEGMENT,
        "\"split\": {\"salt\": \"x\", \"arms\": {\"a\": 10, \"A\": ~10}}",
        { "segments[0].split.arms.A|another arm has the name \"A\", case aside" } },
    { "arms over 100%", SEGMENT,
        "\"split\": {\"salt\": \"x\", \"arms\": ~{\"a\": 50, \"b\": 50.01}}",
        { "segments[0].split.arms|100.01%, more than 100%" } },
    { "an arm of 100%", SEGMENT, "\"split\": {\"salt\": \"x\", \"arms\": {\"a\": 100}}",
        { NULL } },
    { "arms of 100%", SEGMENT,
        "\"split\": {\"salt\": \"x\", \"arms\": {\"a\": 33.33, \"b\": 66.67}}",
        { NULL } },
    { "membership of nothing", SEGMENT, "\"membership\": ~{}",
        { "segments[0].membership|needs \"keep\"" } },
    { "membership", SEGMENT,
        "\"membership\": {\"keep\": ~\"0s\", \"at_most\": ~30, ~\"coldown\": \"1d\"}",
        { "segments[0].membership.keep|more than 0",
            "segments[0].membership.at_most|a duration",
            "segments[0].membership.coldown|"
            "nearest is \"cooldown\"" } },
    { "a circle of three", SEGMENTS,
        "[{\"name\": \"a\", \"match\": {\"segment\": \"b\"}},\n"
        "{\"name\": \"b\", \"match\": {\"did\": \"x\"}, \"exclude\": [{\"not\": "
        "{\"segment\": \"c\"}}]},\n"
        "{\"name\": \"c\", \"match\": {\"rank\": {\"count\": true, \"of\": \"x\"}, "
        "\"top\": 1, \"among\": ~\"a\"}}]",
        { "segments[2].match.among|in a circle: a -> b -> c -> a" } },
    { "a circle that the walk enters from outside", SEGMENTS,
        "[{\"name\": \"z\", \"match\": {\"segment\": \"a\"}},\n"
        "{\"name\": \"a\", \"match\": {\"segment\": \"b\"}},\n"
        "{\"name\": \"b\", \"match\": {\"segment\": ~\"a\"}}]",
        { "segments[2].match.segment|in a circle: a -> b -> a" } },
    { "a diamond is no circle", SEGMENTS,
        "[{\"name\": \"a\", \"match\": {\"all\": [{\"segment\": \"b\"}, {\"segment\": "
        "\"c\"}]}}, {\"name\": \"b\", \"match\": {\"segment\": \"d\"}}, {\"name\": "
        "\"c\", "
        "\"match\": {\"segment\": \"d\"}}, {\"name\": \"d\", \"match\": {\"did\": "
        "\"x\"}}]",
        { NULL } },

    /* sources */
    { "sources are a list", TOP, "\"sources\": ~{}", { "sources|a list of sources" } },
    { "a source without name", TOP, "\"sources\": [~{}]",
        { "sources[0]|\"name\" is missing" } },
    { "names of sources", TOP,
        "\"sources\": [{\"name\": \"a\"}, {\"name\": ~\"a\"}, {\"name\": ~\"a=b\"}]",
        { "sources[1].name|another source has the name \"a\"",
            "sources[2].name|letters, digits" } },
    { "no files", SOURCE, "\"files\": ~[]", { "sources[0].files|is empty" } },
    { "a folder in a pattern", SOURCE, "\"files\": [\"*.csv\", ~\"logs/*.gz\"]",
        { "sources[0].files[1]|base names" } },
    { "a misspelt format", SOURCE, "\"format\": ~\"combine\"",
        { "sources[0].format|nearest is \"combined\"" } },
    { "a format of later", SOURCE, "\"format\": ~\"w3c\"",
        { "sources[0].format|\"w3c\" is not read yet by this version|jsonl" } },
    { "nginx without its text", SOURCE, "\"format\": ~~\"nginx\"",
        { "sources[0].format|not read yet", "sources[0].format|needs \"log_format\"" } },
    { "nginx with its text", SOURCE, "\"format\": ~\"nginx\", \"log_format\": \"$uri\"",
        { "sources[0].format|not read yet" } },
    { "log_format of a csv", SOURCE, "\"format\": \"csv\", ~\"log_format\": \"$uri\"",
        { "sources[0].log_format|goes with \"format\": \"nginx\"" } },
    { "a source's zone", SOURCE, "\"timezone\": ~\"Mars/Olympus\"",
        { "sources[0].timezone|no time zone" } },
    { "a time format", SOURCE, "\"time_format\": ~\"iso\"",
        { "sources[0].time_format|iso8601" } },
    { "delimiters", TOP,
        "\"sources\": [{\"name\": \"a\", \"delimiter\": ~\";;\"}, {\"name\": \"b\", "
        "\"delimiter\": ~\"\xe2\x82\xac\"}, {\"name\": \"c\", \"delimiter\": ~\"\\\"\"}, "
        "{\"name\": \"d\", \"delimiter\": \"\\t\"}, {\"name\": \"e\", \"delimiter\": "
        "~\"\\n\"}, {\"name\": \"f\", \"format\": \"tsv\", \"delimiter\": ~\",\"}]",
        { "sources[0].delimiter|one ASCII character", "sources[1].delimiter|one ASCII",
            "sources[2].delimiter|a quote or a line end",
            "sources[4].delimiter|a line end", "sources[5].delimiter|tsv has the tab" } },
    { "columns of a log", SOURCE,
        "\"format\": \"combined\", ~\"delimiter\": \";\", ~\"header\": false, "
        "~\"ragged\": \"fill\", \"fields\": {\"time\": 1}",
        { "sources[0].delimiter|csv and tsv only", "sources[0].header|csv and tsv only",
            "sources[0].ragged|csv and tsv only" } },
    { "a pixel of a csv", SOURCE,
        "\"format\": \"csv\", ~\"pixel\": {\"path\": \"/p\", \"event\": \"e\"}",
        { "sources[0].pixel|access logs only" } },
    { "a pixel", SOURCE,
        "\"pixel\": ~{\"path\": ~\"px.gif\", \"fields\": {\"user_id\": ~3}}",
        { "sources[0].pixel|\"event\" is missing", "sources[0].pixel.path|begins with",
            "sources[0].pixel.fields.user_id|say its name" } },
    { "habits", SOURCE,
        "\"bots\": ~\"dorp\", \"dedupe\": ~\"recrd\", \"ragged\": ~\"cut\", \"event\": "
        "~\"\"",
        { "sources[0].bots|nearest is \"drop\"",
            "sources[0].dedupe|nearest is \"record\"",
            "sources[0].ragged|expected \"fill\"", "sources[0].event|is empty" } },
    { "no header and no fields", SOURCE, "\"header\": ~false",
        { "sources[0].header|\"fields\" must say" } },
    { "column numbers", SOURCE,
        "\"header\": false, \"fields\": {\"time\": 1, \"event\": \"2\", \"a\": ~0, "
        "\"b\": "
        "~\"x\", \"c\": ~4097, \"max\": 4096, \"d\": ~1.5, \"e\": ~true, \"f\": ~2}",
        { "sources[0].fields.a|at least 1", "sources[0].fields.b|a column's number",
            "sources[0].fields.c|to 4096", "sources[0].fields.d|whole number",
            "sources[0].fields.e|a column's number from 1|found true or false",
            "sources[0].fields.f|another field is fed by" } },
    { "a number with a header", SOURCE, "\"fields\": {\"time\": ~1}",
        { "sources[0].fields.time|\"header\": false" } },
    { "a column for two fields", SOURCE,
        "\"format\": \"csv\", \"fields\": {\"a\": \"X\", \"b\": \"x\", \"c\": ~\"X\"}",
        { "sources[0].fields.c|another field is fed by" } },
    { "a key for two fields in JSON lines", SOURCE,
        "\"format\": \"jsonl\", \"fields\": {\"a\": \"X\", \"c\": \"X\"}", { NULL } },
    { "fields", SOURCE, "\"fields\": {~\"\": \"a\", \"b\": ~\"\"}",
        { "sources[0].fields[\"\"]|expected a field name",
            "sources[0].fields.b|is empty" } },
    { "no fields", SOURCE, "\"fields\": ~{}", { "sources[0].fields|is empty" } },

    /* people */
    { "no ids", TOP, "\"people\": {\"ids\": ~[]}", { "people.ids|is empty" } },
    { "ids", TOP, "\"people\": {\"ids\": [\"a\", ~\"a\", ~\"\", ~3]}",
        { "people.ids[1]|has the name \"a\"", "people.ids[2]|is empty",
            "people.ids[3]|found a number" } },
    { "time is no id", TOP, "\"people\": {\"ids\": [\"a\", ~\"time\"]}",
        { "people.ids[1]|identify nobody" } },
    { "link, max_ids", TOP, "\"people\": {\"link\": ~1, \"max_ids\": ~0}",
        { "people.link|true or false", "people.max_ids|at least 1" } },
    { "fallback beside the default ids", TOP,
        "\"people\": {\"fallback\": [\"ip\", ~\"email\"]}",
        { "people.fallback[1]|one of \"ids\" already" } },
    { "fallback beside own ids", TOP,
        "\"people\": {\"ids\": [\"a\"], \"fallback\": [\"email\", ~\"a\"]}",
        { "people.fallback[1]|one of \"ids\" already" } },
    { "ignore", TOP, "\"people\": {\"ignore\": [\"0\", ~0]}",
        { "people.ignore[1]|found a number" } },
    { "contacts", TOP,
        "\"people\": {\"contacts\": [~{\"fields\": {\"email\": \"E\"}}, {\"file\": "
        "~\"\", ~\"header\": false}, ~\"c.csv\"]}",
        { "people.contacts[0]|\"file\" is missing", "people.contacts[1].file|is empty",
            "people.contacts[1].header|unknown key",
            "people.contacts[2]|an object like" } },

    /* privacy */
    { "a purpose", TOP, "\"privacy\": {\"consent\": {\"ads\": ~~{\"absent\": ~\"no\"}}}",
        { "privacy.consent.ads|\"field\" is missing",
            "privacy.consent.ads|\"granted\" is missing",
            "privacy.consent.ads.absent|\"deny\" or \"grant\"" } },
    { "granted", TOP,
        "\"privacy\": {\"consent\": {\"ads\": {\"field\": \"c\", \"granted\": [~1]}}}",
        { "privacy.consent.ads.granted[0]|found a number" } },
    { "opt-outs", TOP,
        "\"privacy\": {\"opt_out\": [~{}, {~\"fil\": \"x\", \"file\": \"y\"}]}",
        { "privacy.opt_out[0]|\"file\" is missing",
            "privacy.opt_out[1].fil|nearest is" } },

    /* outputs */
    { "no platform", TOP, "\"outputs\": [~{}]", { "outputs[0]|\"to\" is missing" } },
    { "a misspelt platform", TOP, "\"outputs\": [{\"to\": ~\"googel-ads\"}]",
        { "outputs[0].to|no platform|nearest is \"google-ads\"" } },
    { "no such segment to write", TOP,
        "\"outputs\": [{\"to\": \"ids\", \"segments\": [\"s\", ~\"t\"]}]",
        { "outputs[0].segments[1]|no segment \"t\"" } },
    { "no segments to write", TOP, "\"outputs\": [{\"to\": \"ids\", \"segments\": ~[]}]",
        { "outputs[0].segments|is empty" } },
    { "an unknown placeholder", TOP,
        "\"outputs\": [{\"to\": \"ids\", \"file\": ~\"{segmnt}.csv\"}]",
        { "outputs[0].file|\"{segmnt}\"|nearest is \"segment\"" } },
    { "braces", TOP,
        "\"outputs\": [{\"to\": \"ids\", \"file\": ~\"{to\"}, {\"to\": \"ids\", "
        "\"file\": "
        "~\"to}\"}, {\"to\": \"ids\", \"file\": ~\"{}\"}, {\"to\": \"ids\", \"file\": "
        "~\"{{to}}\"}]",
        { "outputs[0].file|no \"}\" closes", "outputs[1].file|without \"{\"",
            "outputs[2].file|unknown placeholder", "outputs[3].file|no \"}\" closes" } },
    { "outside the folder", TOP,
        "\"outputs\": [{\"to\": \"ids\", \"file\": ~\"../{to}\"}, {\"to\": \"ids\", "
        "\"file\": ~\"/{to}\"}, {\"to\": \"ids\", \"file\": ~\"a//{to}\"}, {\"to\": "
        "\"ids\", \"file\": ~\"{to}/\"}, {\"to\": \"ids\", \"file\": ~\"a/..\"}, "
        "{\"to\": "
        "\"ids\", \"file\": ~\"lists/{segment}..{to}\"}, {\"to\": \"ids\", \"file\": "
        "\"{segment}..{to}\"}]",
        { "outputs[0].file|inside the output folder", "outputs[1].file|inside",
            "outputs[2].file|inside", "outputs[3].file|inside", "outputs[4].file|inside",
            "outputs[5].file|inside" } },

    { "a name that is all arm", TOP,
        "\"outputs\": [{\"to\": \"ids\", \"file\": ~\"{arm}\"}, {\"to\": \"ids\", "
        "\"file\": ~\"{arm}...\"}, {\"to\": \"ids\", \"file\": ~\"a/.{arm}/{to}\"}, "
        "{\"to\": \"ids\", \"file\": \"{to}.{arm}\"}]",
        { "outputs[0].file|besides {arm}", "outputs[1].file|inside",
            "outputs[2].file|inside" } },

    /* what the examples of the manual say */
    { "the manual's sources", TOP,
        "\"sources\": [\n"
        "{ \"name\": \"shop\", \"files\": [\"events*.csv*\"], \"format\": \"csv\", "
        "\"timezone\": \"Europe/Rome\", \"fields\": { \"time\": \"event_time\", "
        "\"event\": "
        "\"event_type\", \"value\": \"price\" }, \"time_format\": \"iso8601\" },\n"
        "{ \"name\": \"web\", \"files\": [\"access.log*\"], \"format\": \"combined\", "
        "\"event\": \"page_view\", \"pixel\": { \"path\": \"/px.gif\", \"event\": "
        "\"ev\", "
        "\"fields\": { \"user_id\": \"uid\", \"product_id\": \"sku\", \"value\": \"v\", "
        "\"email\": \"em\" } }, \"bots\": \"drop\" } ]",
        { NULL } },
    { "the manual's people, privacy, outputs", TOP,
        "\"people\": { \"ids\": [\"user_id\", \"email\", \"client_id\"], \"link\": true, "
        "\"max_ids\": 50, \"fallback\": [\"ip\", \"user_agent\"], \"ignore\": [\"null\", "
        "\"undefined\", \"0\", \"test@example.com\"], \"contacts\": [ { \"file\": "
        "\"customers.csv\", \"fields\": { \"email\": \"Email\", \"user_id\": \"Customer "
        "ID\", \"last_order_at\": \"Last Order\" } } ] },\n"
        "\"privacy\": { \"consent\": { \"ads\": { \"field\": \"consent\", \"granted\": "
        "[\"1\", \"yes\", \"granted\"], \"absent\": \"deny\" } }, \"opt_out\": [ { "
        "\"file\": \"optout.csv\" } ] },\n"
        "\"outputs\": [ { \"to\": \"google-ads\", \"segments\": [\"s\"], \"file\": "
        "\"{segment}.{to}.csv\" } ]",
        { NULL } },
};

/* ---- running one */

/* The text without its marks, and where they stood. */
struct marked {
    char text[4096];
    size_t n;
    struct {
        uint64_t line;
        uint32_t col;
    } marks[ERRORS_MOST];
    size_t nmarks;
};

static void add(
    struct marked *m, const char *text, bool marks, uint64_t *line, uint32_t *col)
{
    for (; *text; text++) {
        if (marks && *text == '~') {
            ck_assert_uint_lt(m->nmarks, ERRORS_MOST);
            m->marks[m->nmarks].line = *line;
            m->marks[m->nmarks++].col = *col;
            continue;
        }
        ck_assert_uint_lt(m->n, sizeof m->text);
        m->text[m->n++] = *text;
        ++*col;
        if (*text == '\n') {
            ++*line;
            *col = 1;
        }
    }
}

static void mark(struct marked *m, enum around around, const char *text)
{
    uint64_t line = 1;
    uint32_t col = 1;

    memset(m, 0, sizeof *m);
    add(m, arounds[around].before, false, &line, &col);
    add(m, text, true, &line, &col);
    add(m, arounds[around].after, false, &line, &col);
}

struct loaded {
    struct rt_arena arena;
    struct rt_json_errors errors;
    struct rt_err err;
    struct rt_defs *defs;
    int rc;
};

static void load(struct loaded *l, struct rt_span text)
{
    memset(l, 0, sizeof *l);
    l->errors.arena = &l->arena;
    l->rc = rt_defs_parse(
        text, "conf/shop.json", platforms, 3, &l->defs, &l->errors, &l->err);
}

static void unload(struct loaded *l)
{
    rt_defs_free(l->defs);
    rt_arena_release(&l->arena);
}

/* "path|words|words": the path as a whole, the words within the text. */
static bool is_as_expected(const struct rt_json_error *error, const char *expected)
{
    size_t n = strcspn(expected, "|");

    if (strlen(error->path) != n || memcmp(error->path, expected, n) != 0)
        return false;
    for (expected += n; *expected; expected += n) {
        char words[128];

        n = strcspn(++expected, "|");
        ck_assert_uint_lt(n, sizeof words);
        memcpy(words, expected, n);
        words[n] = '\0';
        if (!strstr(error->text, words))
            return false;
    }
    return true;
}

START_TEST(refused_with_place_and_words)
{
    const struct file_case *c = &cases[_i];
    struct marked m;
    struct loaded l;

    mark(&m, c->around, c->text);
    load(&l, (struct rt_span) { m.text, m.n });
    for (size_t i = 0; i < l.errors.n; i++) {
        const struct rt_json_error *e = &l.errors.errors[i];

        ck_assert_msg(i < m.nmarks, "%s: more than expected: %ju:%u: %s: %s", c->name,
            (uintmax_t)e->line, e->col, e->path, e->text);
        ck_assert_msg(e->line == m.marks[i].line && e->col == m.marks[i].col,
            "%s: at %ju:%u, not %ju:%u: %s: %s", c->name, (uintmax_t)e->line, e->col,
            (uintmax_t)m.marks[i].line, m.marks[i].col, e->path, e->text);
        ck_assert_msg(c->errors[i] && is_as_expected(e, c->errors[i]),
            "%s: \"%s: %s\" is not \"%s\"", c->name, e->path, e->text, c->errors[i]);
    }
    ck_assert_msg(
        l.errors.n == m.nmarks, "%s: %zu of %zu errors", c->name, l.errors.n, m.nmarks);
    ck_assert_msg(m.nmarks == ERRORS_MOST || !c->errors[m.nmarks], "%s: marks", c->name);
    ck_assert_int_eq(l.rc, m.nmarks ? RT_EDEFS : RT_OK);
    ck_assert((l.defs != NULL) == (l.rc == RT_OK));
    unload(&l);
}
END_TEST

START_TEST(first_error_is_told)
{
    struct loaded l;

    load(&l,
        rt_span_of("{\"version\": 1,\n \"segments\": [{\"name\": \"s\", \"match\": "
                   "{\"did\": \"x\",\n  \"in_lst\": \"7d\"}}], \"timezon\": 1}"));
    ck_assert_int_eq(l.rc, RT_EDEFS);
    ck_assert_int_eq(l.err.code, RT_EDEFS);
    ck_assert_str_eq(l.err.source, "conf/shop.json");
    ck_assert_uint_eq(l.err.line, 3);
    ck_assert_uint_eq(l.err.col, 3);
    ck_assert_str_eq(l.err.text,
        "segments[0].match.in_lst: unknown key \"in_lst\", the "
        "nearest is \"in_last\"");
    ck_assert_uint_eq(l.errors.n, 2);
    unload(&l);
}
END_TEST

START_TEST(many_errors_stay_quick)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    struct loaded l;

    rt_buf_adds(&text, "{\"version\": 1, \"segments\": [");
    for (int i = 0; i < 5000; i++)
        rt_buf_addf(&text, "%s{\"name\": \"s%d\", \"match\": {\"segment\": \"t%d\"}}",
            i ? "," : "", i, i);
    rt_buf_adds(&text, "]}");
    load(&l, rt_buf_span(&text));
    ck_assert_int_eq(l.rc, RT_EDEFS);
    ck_assert_uint_eq(l.errors.n, 100);
    ck_assert_uint_eq(l.errors.left_out, 4900);
    unload(&l);
    rt_buf_release(&text);
}
END_TEST

/* A circle through as many segments as a stack would not hold. */
START_TEST(long_circle)
{
    struct rt_buf text = RT_BUF_INIT(16 << 20);
    enum { N = 100000 };
    struct loaded l;

    rt_buf_adds(&text, "{\"version\": 1, \"segments\": [");
    for (int i = 0; i < N; i++)
        rt_buf_addf(&text, "%s{\"name\": \"s%d\", \"match\": {\"segment\": \"s%d\"}}",
            i ? "," : "", i, (i + 1) % N);
    rt_buf_adds(&text, "]}");
    load(&l, rt_buf_span(&text));
    ck_assert_int_eq(l.rc, RT_EDEFS);
    ck_assert_uint_eq(l.errors.n, 1);
    ck_assert_str_eq(l.errors.errors[0].path, "segments[99999].match.segment");
    ck_assert_msg(
        strncmp(l.errors.errors[0].text, "segments in a circle: s0 -> s1 -> ", 34) == 0,
        "%s", l.errors.errors[0].text);
    ck_assert_ptr_nonnull(strstr(l.errors.errors[0].text, " -> ... -> s0"));
    unload(&l);
    rt_buf_release(&text);
}
END_TEST

/* ---- trees */

static const struct rt_cond *load_match(
    struct loaded *l, enum around around, const char *text)
{
    struct marked m;

    mark(&m, around, text);
    load(l, (struct rt_span) { m.text, m.n });
    ck_assert_msg(l->rc == RT_OK, "%s: %s", text, l->err.text);
    return l->defs->segments[l->defs->nsegments - 1].match;
}

static bool is(struct rt_span span, const char *text)
{
    return rt_span_eq(span, rt_span_of(text));
}

#define DAY  RT_DAY_US
#define HOUR (3600 * RT_SECOND_US)

/* Times by hand: Rome is UTC+1 in winter; on 2026-03-29 it turns to UTC+2 at 01:00 UTC,
 * so that day begins at 23:00Z of the 28th and ends at 22:00Z. 2026-03-28 is day 20540. */
static const struct {
    const char *name, *keys;
    enum rt_window_kind kind;
    int64_t a, b; /* min, max or from, to */
} windows[] = {
    { "none", "", RT_WINDOW_ALL, 0, 0 },
    { "in_last", ", \"in_last\": \"90m\"", RT_WINDOW_AGO, 0, 90 * 60 * RT_SECOND_US },
    { "ago", ", \"ago\": {\"min\": \"1h\", \"max\": \"2w\"}", RT_WINDOW_AGO, HOUR,
        14 * DAY },
    { "ago, open", ", \"ago\": {\"min\": \"3s\"}", RT_WINDOW_AGO, 3 * RT_SECOND_US,
        RT_TIME_MAX },
    { "a short day", ", \"from\": \"2026-03-29\", \"to\": \"2026-03-29\"",
        RT_WINDOW_DATES, 20540 * DAY + 23 * HOUR, 20541 * DAY + 22 * HOUR },
    { "from alone", ", \"from\": \"2026-03-29 00:00\"", RT_WINDOW_DATES,
        20540 * DAY + 23 * HOUR, RT_TIME_MAX },
    { "to with its own zone", ", \"to\": \"2026-03-29T00:00:00Z\"", RT_WINDOW_DATES,
        RT_TIME_MIN, 20541 * DAY },
};

START_TEST(window_tree)
{
    char text[200];
    struct loaded l;
    const struct rt_window *w;

    snprintf(text, sizeof text, "{\"did\": \"x\"%s}", windows[_i].keys);
    w = &load_match(&l, CONDITION, text)->window;
    ck_assert_int_eq(w->kind, windows[_i].kind);
    if (w->kind == RT_WINDOW_AGO) {
        ck_assert_int_eq(w->min_us, windows[_i].a);
        ck_assert_int_eq(w->max_us, windows[_i].b);
    } else if (w->kind == RT_WINDOW_DATES) {
        ck_assert_msg(w->from_us == windows[_i].a && w->to_us == windows[_i].b,
            "%s: %jd %jd", windows[_i].name, (intmax_t)w->from_us, (intmax_t)w->to_us);
    }
    unload(&l);
}
END_TEST

static const struct {
    const char *name, *literal;
    int64_t micro;
} numbers[] = {
    { "whole", "10", 10000000 },
    { "a fraction", "10.5", 10500000 },
    { "negative", "-0.000001", -1 },
    { "an exponent", "1e3", 1000000000 },
    { "a negative exponent", "125E-2", 1250000 },
    { "zeros within", "100.0100", 100010000 },
    { "the largest", "999999999999.999999", INT64_C(999999999999999999) },
    { "the smallest", "-999999999999.999999", -INT64_C(999999999999999999) },
    { "a long way to write 1", "10000000000000000000000000000000e-31", 1000000 },
    { "and another", "0.00000000000000000000000000000000001e35", 1000000 },
    { "nothing below 0", "-0", 0 },
};

START_TEST(numbers_are_read_exactly)
{
    char text[100];
    struct loaded l;
    const struct rt_test *t;

    snprintf(text, sizeof text, "{\"a\": %s}", numbers[_i].literal);
    t = load_match(&l, WHERE, text)->where;
    ck_assert_int_eq(t->op, RT_OP_EQ_NUM);
    ck_assert_uint_eq(t->nnumbers, 1);
    ck_assert_msg(t->numbers[0] == numbers[_i].micro, "%s: %jd", numbers[_i].name,
        (intmax_t)t->numbers[0]);
    unload(&l);
}
END_TEST

START_TEST(event_sets)
{
    struct loaded l;
    const struct rt_event_set *set =
        &load_match(&l, CONDITION, "{\"did\": [\"view\", \"cart\", \"add\"]}")->events;

    /* the friendly name with its where, and the raw names together */
    ck_assert_uint_eq(set->n, 2);
    ck_assert_uint_eq(set->choices[0].nnames, 2);
    ck_assert(is(set->choices[0].names[1], "basket"));
    ck_assert_ptr_nonnull(set->choices[0].where);
    ck_assert_uint_eq(set->choices[1].nnames, 2);
    ck_assert(is(set->choices[1].names[0], "view"));
    ck_assert(is(set->choices[1].names[1], "add"));
    ck_assert_ptr_null(set->choices[1].where);
    ck_assert(is(set->text, "view, cart or add"));
    unload(&l);
    set = &load_match(&l, CONDITION, "{\"did\": \"*\"}")->events;
    ck_assert_uint_eq(set->n, 1);
    ck_assert_uint_eq(set->choices[0].nnames, 0);
    unload(&l);
}
END_TEST

START_TEST(measures)
{
    struct loaded l;
    const struct rt_measure *m = &load_match(&l, CONDITION, "{\"did\": \"x\"}")->measure;

    ck_assert_int_eq(m->kind, RT_MEASURE_COUNT);
    ck_assert_uint_eq(m->min_count, 1);
    ck_assert(m->max_count == UINT64_MAX);
    unload(&l);
    m = &load_match(&l, CONDITION, "{\"did\": \"x\", \"at_most\": 2}")->measure;
    ck_assert_uint_eq(m->min_count, 0);
    ck_assert_uint_eq(m->max_count, 2);
    unload(&l);
    m = &load_match(
        &l, CONDITION, "{\"did\": \"x\", \"exactly\": 0, \"distinct\": \"@day\"}")
             ->measure;
    ck_assert_uint_eq(m->min_count, 0);
    ck_assert_uint_eq(m->max_count, 0);
    ck_assert(m->by_day && !m->field.p);
    unload(&l);
    m = &load_match(
        &l, CONDITION, "{\"did\": \"x\", \"avg\": \"value\", \"gt\": 1.5, \"lte\": 9}")
             ->measure;
    ck_assert_int_eq(m->kind, RT_MEASURE_AVG);
    ck_assert(is(m->field, "value"));
    ck_assert(m->has_gt && m->has_lte && !m->has_gte && !m->has_lt && !m->has_eq);
    ck_assert_int_eq(m->gt, 1500000);
    ck_assert_int_eq(m->lte, 9000000);
    unload(&l);
}
END_TEST

START_TEST(mixed_values_are_any)
{
    struct loaded l;
    const struct rt_test *t =
        load_match(&l, WHERE, "{\"a\": [\"x\", 7, true, \"y\", false, 8]}")->where;

    ck_assert_int_eq(t->kind, RT_TEST_ANY);
    ck_assert_uint_eq(t->n, 4);
    ck_assert_int_eq(t->parts[0]->op, RT_OP_EQ_TEXT);
    ck_assert_uint_eq(t->parts[0]->ntexts, 2);
    ck_assert(is(t->parts[0]->texts[1], "y"));
    ck_assert_int_eq(t->parts[1]->op, RT_OP_EQ_NUM);
    ck_assert_uint_eq(t->parts[1]->nnumbers, 2);
    ck_assert_int_eq(t->parts[2]->op, RT_OP_TRUE);
    ck_assert_int_eq(t->parts[3]->op, RT_OP_FALSE);
    unload(&l);
}
END_TEST

START_TEST(ne_is_present_and_not)
{
    struct loaded l;
    const struct rt_test *t =
        load_match(&l, WHERE, "{\"a\": {\"ne\": \"x\", \"ignore_case\": true}}")->where;

    ck_assert_int_eq(t->kind, RT_TEST_ALL);
    ck_assert_uint_eq(t->n, 2);
    ck_assert_int_eq(t->parts[0]->op, RT_OP_EXISTS);
    ck_assert_int_eq(t->parts[1]->kind, RT_TEST_NOT);
    ck_assert_int_eq(t->parts[1]->parts[0]->op, RT_OP_EQ_TEXT);
    ck_assert(t->parts[1]->parts[0]->ignore_case);
    unload(&l);
}
END_TEST

START_TEST(defaults)
{
    struct loaded l;
    struct marked m;
    const struct rt_defs *d;

    mark(&m, SEGMENTS, "[{\"name\": \"s\", \"match\": {\"did\": \"x\"}}]");
    load(&l, (struct rt_span) { m.text, m.n });
    ck_assert_int_eq(l.rc, RT_OK);
    d = l.defs;
    ck_assert(is(d->timezone, "UTC"));
    ck_assert_ptr_nonnull(d->zone);
    ck_assert(!d->week_starts_sunday);
    ck_assert(d->session_timeout_us == 30 * 60 * RT_SECOND_US);
    ck_assert_uint_eq(d->people.nids, 3);
    ck_assert(is(d->people.ids[0], "user_id") && is(d->people.ids[1], "email")
        && is(d->people.ids[2], "client_id"));
    ck_assert(d->people.link);
    ck_assert_uint_eq(d->people.max_ids, 50);
    ck_assert_uint_eq(d->noutputs, 0);
    ck_assert_int_eq(d->segments[0].membership.keep_us, -1);
    ck_assert_ptr_null(d->segments[0].tier.p);
    ck_assert_int_eq(rt_defs_segment(d, RT_SPAN("s")), 0);
    ck_assert_int_eq(rt_defs_segment(d, RT_SPAN("S")), -1);
    unload(&l);
}
END_TEST

static const struct {
    const char *day;
    bool sunday;
} weeks[] = { { "monday", false }, { "sunday", true } };

START_TEST(week_starts)
{
    char text[64];
    struct loaded l;

    snprintf(text, sizeof text, "\"week_starts\": \"%s\"", weeks[_i].day);
    load_match(&l, TOP, text);
    ck_assert(l.defs->week_starts_sunday == weeks[_i].sunday);
    unload(&l);
}
END_TEST

START_TEST(sources_tree)
{
    struct loaded l;
    const struct rt_source *s;

    load_match(&l, SOURCE,
        "\"files\": [\"a*\", \"b\"], \"timezone\": \"Europe/Rome\", \"header\": false, "
        "\"delimiter\": \"\\t\", \"fields\": {\"time\": 2, \"event\": \"01\"}, "
        "\"time_format\": \"%d/%m/%Y\", \"event\": \"hit\", \"bots\": \"mark\", "
        "\"dedupe\": "
        "\"record\", \"ragged\": \"fill\"}, {\"name\": \"other\", \"timezone\": "
        "\"Europe/Rome\"}, {\"name\": \"third\"");
    s = l.defs->sources;
    ck_assert_uint_eq(l.defs->nsources, 3);
    ck_assert(is(s->name, "web") && s->nfiles == 2 && is(s->files[1], "b"));
    ck_assert(s->format == RT_FORMAT_LOOK && s->no_header && s->fill);
    ck_assert_int_eq(s->delimiter, '\t');
    ck_assert(is(s->fields[0].field, "time") && is(s->fields[0].column, "2"));
    ck_assert(is(s->fields[1].column, "1"));
    ck_assert_int_eq(s->time_form.kind, RT_TIME_STRPTIME);
    ck_assert_str_eq(s->time_form.pattern, "%d/%m/%Y");
    ck_assert(is(s->event, "hit") && s->bots == RT_BOTS_MARK);
    ck_assert_int_eq(s->dedupe, RT_DEDUPE_RECORD);
    ck_assert_uint_eq(l.defs->nsource_zones, 1); /* one zone for both */
    ck_assert_ptr_eq(s[0].time_form.zone, l.defs->source_zones[0]);
    ck_assert_ptr_eq(s[1].time_form.zone, l.defs->source_zones[0]);
    ck_assert_ptr_eq(s[2].time_form.zone, l.defs->zone);
    ck_assert_int_eq(s[2].time_form.kind, RT_TIME_ANY);
    unload(&l);
}
END_TEST

START_TEST(paths_begin_at_the_file)
{
    struct loaded l;

    load_match(&l, TOP,
        "\"people\": {\"contacts\": [{\"file\": \"crm/c.csv\"}, {\"file\": "
        "\"/c.csv\"}]}, "
        "\"privacy\": {\"opt_out\": [{\"file\": \"../o.csv\"}]}");
    ck_assert_str_eq(l.defs->people.contacts[0].path.p, "conf/crm/c.csv");
    ck_assert_str_eq(l.defs->people.contacts[1].path.p, "/c.csv");
    ck_assert_str_eq(l.defs->opt_out_files[0].p, "conf/../o.csv");
    unload(&l);
}
END_TEST

START_TEST(segment_tree)
{
    struct loaded l;
    const struct rt_segment *s;

    load_match(&l, SEGMENT,
        "\"about\": \"why\", \"exclude\": [{\"did\": \"y\"}], \"tier\": \"t\", "
        "\"priority\": -3, \"consent\": [\"ads\"], \"min_size\": 100, \"split\": "
        "{\"salt\": "
        "\"x\", \"arms\": {\"holdout\": 10, \"a\": 0.25}}, \"membership\": {\"keep\": "
        "\"14d\"}");
    s = l.defs->segments;
    ck_assert(is(s->about, "why") && s->nexclude == 1 && is(s->tier, "t"));
    ck_assert(s->priority == -3 && s->nconsent == 1 && s->consent[0] == 0);
    ck_assert(s->min_size == 100 && is(s->salt, "x") && s->narms == 2);
    ck_assert_uint_eq(s->arms[0].buckets, 1000);
    ck_assert_uint_eq(s->arms[1].buckets, 25);
    ck_assert(s->membership.given && s->membership.keep_us == 14 * DAY);
    ck_assert(s->membership.at_most_us == -1 && s->membership.cooldown_us == -1);
    unload(&l);
}
END_TEST

START_TEST(sequence_tree)
{
    struct loaded l;
    const struct rt_cond *c = load_match(&l, CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\", \"within\": \"1h\", "
        "\"next\": "
        "true, \"same\": [\"p\", \"q\"]}, {\"did_not\": \"c\"}], \"within\": \"2h\", "
        "\"in\": \"session\", \"in_last\": \"7d\"}");

    ck_assert_uint_eq(c->nsteps, 3);
    ck_assert(c->steps[0].within_us == -1 && c->steps[0].after_us == -1);
    ck_assert(
        c->steps[1].within_us == HOUR && c->steps[1].next && c->steps[1].nsame == 2);
    ck_assert(c->steps[2].negative && c->steps[2].within_us == -1);
    ck_assert(c->within_us == 2 * HOUR && c->in_session);
    ck_assert_int_eq(c->start, RT_START_LAST); /* a step is negative */
    unload(&l);
    c = load_match(&l, CONDITION, "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\"}]}");
    ck_assert_int_eq(c->start, RT_START_ANY);
    ck_assert_int_eq(c->within_us, -1);
    unload(&l);
    c = load_match(&l, CONDITION,
        "{\"sequence\": [{\"did\": \"a\"}, {\"did_not\": \"b\"}], \"anchor\": "
        "\"first\"}");
    ck_assert_int_eq(c->start, RT_START_FIRST);
    unload(&l);
}
END_TEST

START_TEST(session_tree)
{
    struct loaded l;
    const struct rt_cond *c = load_match(&l, CONDITION,
        "{\"session\": \"last\", \"landing\": {\"path\": \"/\"}, \"has\": {\"did\": "
        "\"a\", "
        "\"at_least\": 2}, \"duration\": {\"gt\": \"60s\"}, \"events\": {\"gt\": 2, "
        "\"lte\": 9}}");

    ck_assert_int_eq(c->session, RT_START_LAST);
    ck_assert(c->landing && c->has_has && c->has_min == 2 && c->has_max == UINT64_MAX);
    ck_assert(c->duration_gt_us == 60 * RT_SECOND_US && c->duration_gte_us == -1);
    ck_assert(c->duration_lte_us == -1 && c->duration_lt_us == -1);
    ck_assert(c->events_min == 3 && c->events_max == 9);
    unload(&l);
    c = load_match(&l, CONDITION,
        "{\"session\": \"any\", \"has\": {\"did\": \"a\"}, \"duration\": {\"eq\": "
        "\"60s\"}, "
        "\"events\": {\"eq\": 4}}");
    ck_assert(c->has_min == 1 && c->events_min == 4 && c->events_max == 4);
    ck_assert(c->duration_gte_us == 60 * RT_SECOND_US);
    ck_assert(c->duration_lte_us == 60 * RT_SECOND_US);
    unload(&l);
}
END_TEST

/* Of two bounds on one side the narrower counts. */
START_TEST(session_event_bounds)
{
    struct loaded l;
    const struct rt_cond *c = load_match(&l, CONDITION,
        "{\"session\": \"any\", \"events\": {\"gte\": 5, \"gt\": 3, \"lte\": 8, \"lt\": "
        "20}}");

    ck_assert(c->events_min == 5 && c->events_max == 8);
    unload(&l);
    c = load_match(&l, CONDITION,
        "{\"session\": \"any\", \"events\": {\"gte\": 5, \"gt\": 5, \"lte\": 8, \"lt\": "
        "8}}");
    ck_assert(c->events_min == 6 && c->events_max == 7);
    unload(&l);
}
END_TEST

START_TEST(rank_tree)
{
    struct loaded l;
    const struct rt_cond *c = load_match(&l, CONDITION,
        "{\"rank\": {\"avg\": \"v\", \"of\": \"x\", \"in_last\": \"7d\"}, \"bottom\": "
        "\"2.5%\", \"among\": \"other\"}");

    ck_assert(c->bottom && c->by_percent && c->millionths == 25000);
    ck_assert(c->has_among && c->segment == 0);
    ck_assert(c->measure.kind == RT_MEASURE_AVG && is(c->measure.field, "v"));
    ck_assert_int_eq(c->window.kind, RT_WINDOW_AGO);
    unload(&l);
    c = load_match(
        &l, CONDITION, "{\"rank\": {\"count\": true, \"of\": \"x\"}, \"top\": 500}");
    ck_assert(!c->bottom && !c->by_percent && c->count == 500 && !c->has_among);
    unload(&l);
}
END_TEST

START_TEST(for_some_and_outputs)
{
    struct loaded l;
    const struct rt_cond *c = load_match(
        &l, CONDITION, "{\"for_some\": \"product_id\", \"holds\": {\"did\": \"x\"}}");

    ck_assert(is(c->field, "product_id") && c->n == 1);
    ck_assert_int_eq(c->parts[0]->kind, RT_COND_DID);
    unload(&l);
    load_match(&l, TOP,
        "\"outputs\": [{\"to\": \"ids\"}, {\"to\": \"meta\", \"segments\": "
        "[\"s\"], \"file\": \"{to}\"}]");
    ck_assert(l.defs->outputs[0].all && l.defs->outputs[0].nsegments == 0);
    ck_assert_ptr_null(l.defs->outputs[0].file.p);
    ck_assert(!l.defs->outputs[1].all && l.defs->outputs[1].nsegments == 1);
    ck_assert(is(l.defs->outputs[1].file, "{to}"));
    unload(&l);
}
END_TEST

/* ---- files and faults */

START_TEST(a_file_that_is_not_there)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_err err = { 0 };
    struct rt_defs *defs = NULL;
    int rc = rt_defs_load("/nowhere/at/all.json", platforms, 3, &defs, &errors, &err);

    ck_assert_int_eq(rc, RT_EIO);
    ck_assert_ptr_null(defs);
    ck_assert_str_eq(err.source, "/nowhere/at/all.json");
    rt_arena_release(&arena);
}
END_TEST

/* Every allocation fails once: no crash, no leak, and never a tree that lacks a part. */
START_TEST(no_memory)
{
    struct marked m;
    struct loaded l;
    uint64_t n, refused = 0;

    mark(&m, cases[_i].around, cases[_i].text);
    n = rt_alloc_count();
    load(&l, (struct rt_span) { m.text, m.n });
    unload(&l);
    n = rt_alloc_count() - n;
    for (uint64_t at = 1; at <= n; at++) {
        rt_alloc_fail_at(at, 0);
        load(&l, (struct rt_span) { m.text, m.n });
        rt_alloc_fail_at(0, 0);
        ck_assert(l.rc == RT_OK || l.rc == RT_ENOMEM || l.rc == RT_EDEFS);
        ck_assert_msg(
            l.rc != RT_OK || !cases[_i].errors[0], "%s: accepted", cases[_i].name);
        ck_assert((l.defs != NULL) == (l.rc == RT_OK));
        ck_assert(l.err.code == l.rc);
        refused += l.rc == RT_ENOMEM;
        unload(&l);
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

Suite *segdef_suite(void)
{
    Suite *s = suite_create("segdef");
    TCase *tc = tcase_create("segdef");

    tcase_set_timeout(tc, 60);
    LOOP(tc, refused_with_place_and_words, cases);
    tcase_add_test(tc, first_error_is_told);
    tcase_add_test(tc, many_errors_stay_quick);
    tcase_add_test(tc, long_circle);
    LOOP(tc, window_tree, windows);
    LOOP(tc, numbers_are_read_exactly, numbers);
    tcase_add_test(tc, event_sets);
    tcase_add_test(tc, measures);
    tcase_add_test(tc, mixed_values_are_any);
    tcase_add_test(tc, ne_is_present_and_not);
    tcase_add_test(tc, defaults);
    LOOP(tc, week_starts, weeks);
    tcase_add_test(tc, sources_tree);
    tcase_add_test(tc, paths_begin_at_the_file);
    tcase_add_test(tc, segment_tree);
    tcase_add_test(tc, sequence_tree);
    tcase_add_test(tc, session_tree);
    tcase_add_test(tc, session_event_bounds);
    tcase_add_test(tc, rank_tree);
    tcase_add_test(tc, for_some_and_outputs);
    tcase_add_test(tc, a_file_that_is_not_there);
    LOOP(tc, no_memory, cases);
    suite_add_tcase(s, tc);
    return s;
}
