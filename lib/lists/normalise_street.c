/*
 * Amazon's rule for street lines: the line is cut into words, words are shortened or
 * spelt out by the table of the country, and joined without anything between them. It is
 * its library's, bugs included: "boulevard" is missing from its tables (they have
 * "bouled", as if every "var" had been taken out), and a word like "12#4" loses its 12.
 * What an address is compared with was made by the same tables.
 *
 *     "31 Fisk Plaza, Apt. 4-B"  →  31 fisk plaza apt 4 b  →  "31fiskplzapt4b"
 */
#include "lists/normalise_parts.h"

struct word {
    const char *name, *spelt;
};

/* Each sorted by name, by bytes. "everywhere" goes for all countries, "continental" for
 * all but GB; a country's own table comes before both. */
/* clang-format off */
static const struct word everywhere_words[] = {
    {"#", "number"}, {"avenue", "ave"}, {"bouled", "blvd"}, {"circle", "cir"},
    {"court", "ct"}, {"drive", "dr"}, {"east", "e"}, {"lane", "ln"}, {"no", "number"},
    {"north", "n"}, {"northeast", "ne"}, {"northwest", "nw"}, {"num", "number"},
    {"numero", "number"}, {"núm", "number"}, {"número", "number"}, {"place", "pl"},
    {"road", "rd"}, {"so", "s"}, {"south", "s"}, {"southeast", "se"},
    {"southwest", "sw"}, {"street", "st"}, {"west", "w"},
};
static const struct word continental_words[] = {
    {"center", "ctr"}, {"centre", "ctr"}, {"circles", "cirs"}, {"freeway", "fwy"},
    {"frwy", "fwy"}, {"highway", "hwy"}, {"parks", "park"}, {"parkway", "pkwy"},
    {"parkways", "pkwy"}, {"parkwy", "pkwy"}, {"pkway", "pkwy"}, {"pkwys", "pkwy"},
    {"pky", "pkwy"}, {"plaza", "plz"}, {"plza", "plz"}, {"sqr", "sq"}, {"squ", "sq"},
    {"square", "sq"}, {"str", "st"},
};
static const struct word us_words[] = {
    {"allee", "aly"}, {"alley", "aly"}, {"ally", "aly"}, {"anex", "anx"},
    {"annex", "anx"}, {"annx", "anx"}, {"apartment", "apt"}, {"appt", "apt"},
    {"arcade", "arc"}, {"av", "ave"}, {"aven", "ave"}, {"avenu", "ave"}, {"avn", "ave"},
    {"avnue", "ave"}, {"basement", "bsmt"}, {"bayoo", "byu"}, {"bayou", "byu"},
    {"beach", "bch"}, {"bend", "bnd"}, {"bluf", "blf"}, {"bluff", "blf"},
    {"bluffs", "blfs"}, {"bot", "btm"}, {"bottm", "btm"}, {"bottom", "btm"},
    {"boul", "blvd"}, {"boulv", "blvd"}, {"branch", "br"}, {"brdge", "brg"},
    {"bridge", "brg"}, {"brnch", "br"}, {"brook", "brk"}, {"brooks", "brks"},
    {"building", "bldg"}, {"burg", "bg"}, {"burgs", "bgs"}, {"bypa", "byp"},
    {"bypas", "byp"}, {"bypass", "byp"}, {"byps", "byp"}, {"camp", "cp"},
    {"canyn", "cyn"}, {"canyon", "cyn"}, {"cape", "cpe"}, {"causeway", "cswy"},
    {"causwa", "cswy"}, {"cen", "ctr"}, {"cent", "ctr"}, {"centers", "ctrs"},
    {"centr", "ctr"}, {"circ", "cir"}, {"circl", "cir"}, {"cliff", "clf"},
    {"cliffs", "clfs"}, {"club", "clb"}, {"cmp", "cp"}, {"cnter", "ctr"},
    {"cntr", "ctr"}, {"cnyn", "cyn"}, {"common", "cmn"}, {"commons", "cmns"},
    {"corner", "cor"}, {"corners", "cors"}, {"course", "crse"}, {"courts", "cts"},
    {"cove", "cv"}, {"coves", "cvs"}, {"crcl", "cir"}, {"crcle", "cir"},
    {"creek", "crk"}, {"crescent", "cres"}, {"crest", "crst"}, {"crossing", "xing"},
    {"crossroad", "xrd"}, {"crossroads", "xrds"}, {"crsent", "cres"}, {"crsnt", "cres"},
    {"crssng", "xing"}, {"curve", "curv"}, {"dale", "dl"}, {"dam", "dm"},
    {"department", "dept"}, {"div", "dv"}, {"divide", "dv"}, {"driv", "dr"},
    {"drives", "drs"}, {"drv", "dr"}, {"dvd", "dv"}, {"estate", "est"},
    {"estates", "ests"}, {"exp", "expy"}, {"expr", "expy"}, {"express", "expy"},
    {"expressway", "expy"}, {"expw", "expy"}, {"extension", "ext"},
    {"extensions", "exts"}, {"extn", "ext"}, {"extnsn", "ext"}, {"falls", "fls"},
    {"ferry", "fry"}, {"field", "fld"}, {"fields", "flds"}, {"flat", "flt"},
    {"flats", "flts"}, {"floor", "fl"}, {"ford", "frd"}, {"fords", "frds"},
    {"forest", "frst"}, {"forests", "frst"}, {"forg", "frg"}, {"forge", "frg"},
    {"forges", "frgs"}, {"fork", "frk"}, {"forks", "frks"}, {"fort", "ft"},
    {"freewy", "fwy"}, {"front", "frnt"}, {"frry", "fry"}, {"frt", "ft"},
    {"frway", "fwy"}, {"garden", "gdn"}, {"gardens", "gdns"}, {"gardn", "gdn"},
    {"gateway", "gtwy"}, {"gatewy", "gtwy"}, {"gatway", "gtwy"}, {"glen", "gln"},
    {"glens", "glns"}, {"grden", "gdn"}, {"grdn", "gdn"}, {"grdns", "gdns"},
    {"green", "grn"}, {"greens", "grns"}, {"grov", "grv"}, {"grove", "grv"},
    {"groves", "grvs"}, {"gtway", "gtwy"}, {"hanger", "hngr"}, {"harb", "hbr"},
    {"harbor", "hbr"}, {"harbors", "hbrs"}, {"harbr", "hbr"}, {"haven", "hvn"},
    {"heights", "hts"}, {"highwy", "hwy"}, {"hill", "hl"}, {"hills", "hls"},
    {"hiway", "hwy"}, {"hiwy", "hwy"}, {"hllw", "holw"}, {"hollow", "holw"},
    {"hollows", "holw"}, {"holws", "holw"}, {"hrbor", "hbr"}, {"ht", "hts"},
    {"hway", "hwy"}, {"inlet", "inlt"}, {"island", "is"}, {"islands", "iss"},
    {"isles", "isle"}, {"islnd", "is"}, {"islnds", "iss"}, {"jction", "jct"},
    {"jctn", "jct"}, {"jctns", "jcts"}, {"junction", "jct"}, {"junctions", "jcts"},
    {"junctn", "jct"}, {"juncton", "jct"}, {"keys", "kys"}, {"knol", "knl"},
    {"knoll", "knl"}, {"knolls", "knls"}, {"lake", "lk"}, {"lakes", "lks"},
    {"landing", "lndg"}, {"ldge", "ldg"}, {"light", "lgt"}, {"lights", "lgts"},
    {"lndng", "lndg"}, {"loaf", "lf"}, {"lobby", "lbby"}, {"lock", "lck"},
    {"locks", "lcks"}, {"lodg", "ldg"}, {"lodge", "ldg"}, {"loops", "loop"},
    {"lower", "lowr"}, {"manor", "mnr"}, {"manors", "mnrs"}, {"mdw", "mdws"},
    {"meadow", "mdw"}, {"meadows", "mdws"}, {"medows", "mdws"}, {"mill", "ml"},
    {"mills", "mls"}, {"mission", "msn"}, {"missn", "msn"}, {"mnt", "mt"},
    {"mntain", "mtn"}, {"mntn", "mtn"}, {"motorway", "mtwy"}, {"mount", "mt"},
    {"mountain", "mtn"}, {"mountains", "mtns"}, {"mountin", "mtn"}, {"mssn", "msn"},
    {"mtin", "mtn"}, {"neck", "nck"}, {"office", "ofc"}, {"orchard", "orch"},
    {"orchrd", "orch"}, {"overpass", "opas"}, {"ovl", "oval"}, {"passage", "psge"},
    {"paths", "path"}, {"penthouse", "ph"}, {"pikes", "pike"}, {"pine", "pne"},
    {"pines", "pnes"}, {"plain", "pln"}, {"plains", "plns"}, {"point", "pt"},
    {"points", "pts"}, {"port", "prt"}, {"ports", "prts"}, {"prairie", "pr"},
    {"prk", "park"}, {"prr", "pr"}, {"rad", "radl"}, {"radial", "radl"},
    {"radiel", "radl"}, {"ranch", "rnch"}, {"ranches", "rnch"}, {"rapid", "rpd"},
    {"rapids", "rpds"}, {"rdge", "rdg"}, {"rest", "rst"}, {"ridge", "rdg"},
    {"ridges", "rdgs"}, {"river", "riv"}, {"rivr", "riv"}, {"rnchs", "rnch"},
    {"roads", "rds"}, {"room", "rm"}, {"route", "rte"}, {"rvr", "riv"},
    {"shoal", "shl"}, {"shoals", "shls"}, {"shoar", "shr"}, {"shore", "shr"},
    {"shores", "shrs"}, {"skyway", "skwy"}, {"space", "spc"}, {"spng", "spg"},
    {"spngs", "spgs"}, {"spring", "spg"}, {"springs", "spgs"}, {"sprng", "spg"},
    {"sprngs", "spgs"}, {"spurs", "spur"}, {"sqre", "sq"}, {"sqrs", "sqs"},
    {"squares", "sqs"}, {"station", "sta"}, {"statn", "sta"}, {"stn", "sta"},
    {"strav", "stra"}, {"straven", "stra"}, {"stravenue", "stra"}, {"stravn", "stra"},
    {"stream", "strm"}, {"streets", "sts"}, {"streme", "strm"}, {"strt", "st"},
    {"strvn", "stra"}, {"strvnue", "stra"}, {"suite", "ste"}, {"sumit", "smt"},
    {"sumitt", "smt"}, {"summit", "smt"}, {"terr", "ter"}, {"terrace", "ter"},
    {"throughway", "trwy"}, {"trace", "trce"}, {"traces", "trce"}, {"track", "trak"},
    {"tracks", "trak"}, {"trafficway", "trfy"}, {"trail", "trl"}, {"trailer", "trlr"},
    {"trails", "trl"}, {"trk", "trak"}, {"trks", "trak"}, {"trlrs", "trlr"},
    {"trls", "trl"}, {"trnpk", "tpke"}, {"tunel", "tunl"}, {"tunls", "tunl"},
    {"tunnel", "tunl"}, {"tunnels", "tunl"}, {"tunnl", "tunl"}, {"turnpike", "tpke"},
    {"turnpk", "tpke"}, {"underpass", "upas"}, {"union", "un"}, {"unions", "uns"},
    {"upper", "uppr"}, {"valley", "vly"}, {"valleys", "vlys"}, {"vally", "vly"},
    {"vdct", "via"}, {"viadct", "via"}, {"viaduct", "via"}, {"view", "vw"},
    {"views", "vws"}, {"vill", "vlg"}, {"villag", "vlg"}, {"village", "vlg"},
    {"villages", "vlgs"}, {"ville", "vl"}, {"villg", "vlg"}, {"villiage", "vlg"},
    {"vist", "vis"}, {"vista", "vis"}, {"vlly", "vly"}, {"vst", "vis"}, {"vsta", "vis"},
    {"walks", "walk"}, {"well", "wl"}, {"wells", "wls"}, {"wy", "way"},
};
static const struct word gb_words[] = {
    {"aly", "alley"}, {"apartment", "apt"}, {"center", "centre"}, {"cl", "close"},
    {"ctr", "centre"}, {"limited", "ltd"}, {"sq", "square"},
};
static const struct word fr_words[] = {
    {"allee", "allée"}, {"allees", "allées"}, {"che", "chemin"}, {"imp", "impasse"},
    {"montee", "montée"}, {"rte", "route"},
};
static const struct word es_words[] = {
    {"avd", "avenida"}, {"c", "calle"}, {"c/", "calle"}, {"c\\", "calle"},
    {"carre", "calle"}, {"carrer", "calle"}, {"lg", "lugar"}, {"p", "passeig"},
    {"paseo", "passeig"}, {"pg", "passeig"}, {"pl", "plaza"}, {"plaza", "plaza"},
    {"plza", "plaza"}, {"ps", "passeig"}, {"pza", "plaza"}, {"rbla", "rambla"},
    {"rda", "ronda"}, {"urb", "urbanización"},
};
static const struct word it_words[] = {
    {"cso", "corso"}, {"lgo", "largo"}, {"ple", "piazzale"}, {"ptta", "piazzetta"},
    {"pza", "piazza"}, {"pzza", "piazza"}, {"vle", "viale"}, {"vlo", "vicolo"},
};
/* clang-format on */

#define TABLE(words) words, sizeof words / sizeof *words

static const struct {
    const char *country;
    const struct word *words;
    size_t nwords;
    bool continental;
} countries[] = {
    { "US", TABLE(us_words), true },
    { "CA", NULL, 0, true },
    { "GB", TABLE(gb_words), false },
    { "DE", NULL, 0, true },
    { "FR", TABLE(fr_words), true },
    { "ES", TABLE(es_words), true },
    { "IT", TABLE(it_words), true },
    { "JP", NULL, 0, true },
    { "IN", NULL, 0, true },
};

enum { COUNTRIES = sizeof countries / sizeof *countries };

static size_t country_of(const char *code)
{
    size_t i = 0;

    while (i < COUNTRIES && strcmp(countries[i].country, code) != 0)
        i++;
    return i;
}

static const char *look_up(const struct word *words, size_t nwords, struct rt_span name)
{
    size_t low = 0, high = nwords;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = rt_span_cmp(name, rt_span_of(words[mid].name));

        if (c == 0)
            return words[mid].spelt;
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* How a word is spelt in a country, or NULL when it stays. */
static const char *spelling(size_t country, struct rt_span name)
{
    const char *spelt =
        look_up(countries[country].words, countries[country].nwords, name);

    if (!spelt && countries[country].continental)
        spelt = look_up(TABLE(continental_words), name);
    return spelt ? spelt : look_up(TABLE(everywhere_words), name);
}

/* ---- words */

enum { WORDS_MAX = 128 }; /* a line of more is no street */

struct line {
    struct rt_span words[WORDS_MAX];
    size_t n;
};

static bool insert(struct line *line, size_t at, struct rt_span word)
{
    if (line->n == WORDS_MAX)
        return false;
    memmove(line->words + at + 1, line->words + at, (line->n - at) * sizeof *line->words);
    line->words[at] = word;
    line->n++;
    return true;
}

static bool is_word_character(struct rt_span text)
{
    uint32_t c;

    if (text.n == 0)
        return false;
    rt_unicode_first(text, &c);
    return c == '_' || rt_unicode_alnum(c);
}

/* "c/o" where neither neighbour belongs to a word; after_word says it of the one before. */
static bool is_care_of(struct rt_span rest, bool after_word)
{
    return !after_word && rt_span_starts(rest, RT_SPAN("c/o"))
        && !is_word_character((struct rt_span) { rest.p + 3, rest.n - 3 });
}

/* Length of what parts words at the start of rest, or 0. */
static size_t separator(struct rt_span rest, uint32_t c, size_t n, bool after_word)
{
    if (c == 'c')
        return is_care_of(rest, after_word) ? 3 : 0;
    if (c < 0x80 && c > ' ')
        return strchr(".,!()[]{}", (int)c) != NULL;
    return rt_unicode_blank(c) || (c >= 0x1C && c <= ' ') ? n : 0;
}

static bool cut(struct rt_span rest, struct line *line)
{
    struct rt_span word = { rest.p, 0 };
    bool after_word = false;

    line->n = 0;
    while (rest.n) {
        uint32_t c;
        size_t n = rt_unicode_first(rest, &c);
        size_t gap = separator(rest, c, n, after_word);

        after_word = gap ? gap == 3 : c == '_' || rt_unicode_alnum(c);
        n = gap ? gap : n;
        rest.p += n;
        rest.n -= n;
        if (!gap) {
            word.n += n;
            continue;
        }
        if (word.n && !insert(line, line->n, word))
            return false;
        word = (struct rt_span) { rest.p, 0 };
    }
    return word.n == 0 || insert(line, line->n, word);
}

static bool is_number(struct rt_span text)
{
    if (text.n == 0)
        return false;
    while (text.n) {
        uint32_t c;
        size_t n = rt_unicode_first(text, &c);

        if (!rt_unicode_numeric(c))
            return false;
        text.p += n;
        text.n -= n;
    }
    return true;
}

/* "4-b" is two words: a number, and after the last hyphen no number. */
static bool split_dashes(struct line *line)
{
    size_t n = line->n;

    for (size_t i = 0; i < n; i++) {
        struct rt_span word = line->words[i], first, second;
        size_t at = word.n;

        while (at > 0 && word.p[at - 1] != '-')
            at--;
        if (at < 2 || at == word.n)
            continue;
        first = (struct rt_span) { word.p, at - 1 };
        second = (struct rt_span) { word.p + at, word.n - at };
        if (!is_number(first) || is_number(second))
            continue;
        line->words[i] = second;
        if (!insert(line, i, first))
            return false;
    }
    return true;
}

static bool is_a_to_z(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Puts the parts around a "#" in the place of a word; *at is then that of the last. */
static bool put_pound(
    struct line *line, size_t *at, struct rt_span before, struct rt_span after)
{
    line->words[*at] = RT_SPAN("#");
    if (after.n) {
        if (!insert(line, *at + 1, after))
            return false;
    }
    if (before.n && !insert(line, *at, before))
        return false;
    *at += (before.n != 0) + (after.n != 0);
    return true;
}

/* "apt#12" is three words; what stands before the letters at a "#" is lost. */
static bool split_pounds(struct line *line)
{
    size_t n = line->n;

    for (size_t i = 0; i < n; i++) {
        struct rt_span word = line->words[i];
        size_t at = i, seen = 0;

        for (size_t p = 0; p < word.n; p++) {
            size_t from = p, to = p + 1;

            if (word.p[p] != '#')
                continue;
            while (from > seen && is_a_to_z(word.p[from - 1]))
                from--;
            while (to < word.n
                && (is_a_to_z(word.p[to]) || rt_norm_is_digit(word.p[to])
                    || word.p[to] == '-' || word.p[to] == '/'))
                to++;
            seen = to;
            if (from == p && to == p + 1)
                continue;
            if (!put_pound(line, &at, (struct rt_span) { word.p + from, p - from },
                    (struct rt_span) { word.p + p + 1, to - p - 1 }))
                return false;
            p = to - 1;
        }
    }
    return true;
}

static enum rt_norm_status join(const struct line *line, size_t country,
    const struct rt_norm_context *context, struct rt_norm *out)
{
    char joined[RT_NORM_MAX];
    size_t n = 0, of_words = 0;

    for (size_t i = 0; i < line->n; i++) {
        struct rt_span word = line->words[i];
        const char *spelt = spelling(country, word);

        of_words += word.n;
        if (spelt) {
            word = rt_span_of(spelt);
            rt_norm_did(context, RT_DID_CODE);
        }
        if (word.n > sizeof joined - n)
            return RT_NORM_INVALID;
        memcpy(joined + n, word.p, word.n);
        n += word.n;
    }
    if (n == 0)
        return RT_NORM_INVALID;
    if (of_words != out->n)
        rt_norm_did(context, RT_DID_SIGNS);
    return rt_norm_put((struct rt_span) { joined, n }, out);
}

/* Lower case by way of capitals, as its library has it: a sharp s is ss. */
static enum rt_norm_status fold(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_norm upper;
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_UPPER_NFC, raw, context, &upper);
    int rc;

    if (status != RT_NORM_OK)
        return status;
    rc = rt_unicode_map(
        RT_UNICODE_LOWER_NFC, rt_norm_span(&upper), out->p, RT_NORM_MAX, &out->n);
    return rc == RT_OK    ? RT_NORM_OK
        : rc == RT_ENOMEM ? RT_NORM_NO_MEMORY
                          : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_street_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    size_t country = country_of(rt_norm_country(context));
    enum rt_norm_status status = fold(raw, context, out);
    struct line line;

    if (status != RT_NORM_OK)
        return status;
    if (*rt_norm_country(context) == '\0')
        return RT_NORM_NO_COUNTRY;
    if (country == COUNTRIES)
        return RT_NORM_UNUSABLE;
    if (!cut(rt_norm_span(out), &line) || !split_dashes(&line) || !split_pounds(&line))
        return RT_NORM_INVALID;
    status = join(&line, country, context, out);
    return status == RT_NORM_OK && rt_norm_has_control(rt_norm_span(out))
        ? RT_NORM_INVALID
        : status;
}
