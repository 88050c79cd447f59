/*
 * Amazon's rule for street lines: the line is cut into words, words are shortened or
 * spelt out by the table of the country, and joined without anything between them. It is
 * its library's, bugs included: "boulevard" is missing from its tables (they have
 * "bouled", as if every "var" had been taken out), and a word like "12#4" loses its 12.
 * What an address is compared with was made by the same tables.
 *
 *     "31 Fisk Plaza, Apt. 4-B"  →  31 FISK PLAZA APT 4 B  →  "31fiskplzapt4b"
 *
 * Words are compared in capitals, where a sharp s is SS, and the result is lower case.
 */
#include "lists/normalise_parts.h"

struct word {
    const char *name, *spelt;
};

/* Each sorted by name, by bytes. "everywhere" goes for all countries, "continental" for
 * all but GB; a country's own table comes before both. */
/* clang-format off */
static const struct word everywhere_words[] = {
    {"#", "NUMBER"}, {"AVENUE", "AVE"}, {"BOULED", "BLVD"}, {"CIRCLE", "CIR"},
    {"COURT", "CT"}, {"DRIVE", "DR"}, {"EAST", "E"}, {"LANE", "LN"}, {"NO", "NUMBER"},
    {"NORTH", "N"}, {"NORTHEAST", "NE"}, {"NORTHWEST", "NW"}, {"NUM", "NUMBER"},
    {"NUMERO", "NUMBER"}, {"NÚM", "NUMBER"}, {"NÚMERO", "NUMBER"}, {"PLACE", "PL"},
    {"ROAD", "RD"}, {"SO", "S"}, {"SOUTH", "S"}, {"SOUTHEAST", "SE"},
    {"SOUTHWEST", "SW"}, {"STREET", "ST"}, {"WEST", "W"},
};
static const struct word continental_words[] = {
    {"CENTER", "CTR"}, {"CENTRE", "CTR"}, {"CIRCLES", "CIRS"}, {"FREEWAY", "FWY"},
    {"FRWY", "FWY"}, {"HIGHWAY", "HWY"}, {"PARKS", "PARK"}, {"PARKWAY", "PKWY"},
    {"PARKWAYS", "PKWY"}, {"PARKWY", "PKWY"}, {"PKWAY", "PKWY"}, {"PKWYS", "PKWY"},
    {"PKY", "PKWY"}, {"PLAZA", "PLZ"}, {"PLZA", "PLZ"}, {"SQR", "SQ"}, {"SQU", "SQ"},
    {"SQUARE", "SQ"}, {"STR", "ST"},
};
static const struct word us_words[] = {
    {"ALLEE", "ALY"}, {"ALLEY", "ALY"}, {"ALLY", "ALY"}, {"ANEX", "ANX"},
    {"ANNEX", "ANX"}, {"ANNX", "ANX"}, {"APARTMENT", "APT"}, {"APPT", "APT"},
    {"ARCADE", "ARC"}, {"AV", "AVE"}, {"AVEN", "AVE"}, {"AVENU", "AVE"}, {"AVN", "AVE"},
    {"AVNUE", "AVE"}, {"BASEMENT", "BSMT"}, {"BAYOO", "BYU"}, {"BAYOU", "BYU"},
    {"BEACH", "BCH"}, {"BEND", "BND"}, {"BLUF", "BLF"}, {"BLUFF", "BLF"},
    {"BLUFFS", "BLFS"}, {"BOT", "BTM"}, {"BOTTM", "BTM"}, {"BOTTOM", "BTM"},
    {"BOUL", "BLVD"}, {"BOULV", "BLVD"}, {"BRANCH", "BR"}, {"BRDGE", "BRG"},
    {"BRIDGE", "BRG"}, {"BRNCH", "BR"}, {"BROOK", "BRK"}, {"BROOKS", "BRKS"},
    {"BUILDING", "BLDG"}, {"BURG", "BG"}, {"BURGS", "BGS"}, {"BYPA", "BYP"},
    {"BYPAS", "BYP"}, {"BYPASS", "BYP"}, {"BYPS", "BYP"}, {"CAMP", "CP"},
    {"CANYN", "CYN"}, {"CANYON", "CYN"}, {"CAPE", "CPE"}, {"CAUSEWAY", "CSWY"},
    {"CAUSWA", "CSWY"}, {"CEN", "CTR"}, {"CENT", "CTR"}, {"CENTERS", "CTRS"},
    {"CENTR", "CTR"}, {"CIRC", "CIR"}, {"CIRCL", "CIR"}, {"CLIFF", "CLF"},
    {"CLIFFS", "CLFS"}, {"CLUB", "CLB"}, {"CMP", "CP"}, {"CNTER", "CTR"},
    {"CNTR", "CTR"}, {"CNYN", "CYN"}, {"COMMON", "CMN"}, {"COMMONS", "CMNS"},
    {"CORNER", "COR"}, {"CORNERS", "CORS"}, {"COURSE", "CRSE"}, {"COURTS", "CTS"},
    {"COVE", "CV"}, {"COVES", "CVS"}, {"CRCL", "CIR"}, {"CRCLE", "CIR"},
    {"CREEK", "CRK"}, {"CRESCENT", "CRES"}, {"CREST", "CRST"}, {"CROSSING", "XING"},
    {"CROSSROAD", "XRD"}, {"CROSSROADS", "XRDS"}, {"CRSENT", "CRES"}, {"CRSNT", "CRES"},
    {"CRSSNG", "XING"}, {"CURVE", "CURV"}, {"DALE", "DL"}, {"DAM", "DM"},
    {"DEPARTMENT", "DEPT"}, {"DIV", "DV"}, {"DIVIDE", "DV"}, {"DRIV", "DR"},
    {"DRIVES", "DRS"}, {"DRV", "DR"}, {"DVD", "DV"}, {"ESTATE", "EST"},
    {"ESTATES", "ESTS"}, {"EXP", "EXPY"}, {"EXPR", "EXPY"}, {"EXPRESS", "EXPY"},
    {"EXPRESSWAY", "EXPY"}, {"EXPW", "EXPY"}, {"EXTENSION", "EXT"},
    {"EXTENSIONS", "EXTS"}, {"EXTN", "EXT"}, {"EXTNSN", "EXT"}, {"FALLS", "FLS"},
    {"FERRY", "FRY"}, {"FIELD", "FLD"}, {"FIELDS", "FLDS"}, {"FLAT", "FLT"},
    {"FLATS", "FLTS"}, {"FLOOR", "FL"}, {"FORD", "FRD"}, {"FORDS", "FRDS"},
    {"FOREST", "FRST"}, {"FORESTS", "FRST"}, {"FORG", "FRG"}, {"FORGE", "FRG"},
    {"FORGES", "FRGS"}, {"FORK", "FRK"}, {"FORKS", "FRKS"}, {"FORT", "FT"},
    {"FREEWY", "FWY"}, {"FRONT", "FRNT"}, {"FRRY", "FRY"}, {"FRT", "FT"},
    {"FRWAY", "FWY"}, {"GARDEN", "GDN"}, {"GARDENS", "GDNS"}, {"GARDN", "GDN"},
    {"GATEWAY", "GTWY"}, {"GATEWY", "GTWY"}, {"GATWAY", "GTWY"}, {"GLEN", "GLN"},
    {"GLENS", "GLNS"}, {"GRDEN", "GDN"}, {"GRDN", "GDN"}, {"GRDNS", "GDNS"},
    {"GREEN", "GRN"}, {"GREENS", "GRNS"}, {"GROV", "GRV"}, {"GROVE", "GRV"},
    {"GROVES", "GRVS"}, {"GTWAY", "GTWY"}, {"HANGER", "HNGR"}, {"HARB", "HBR"},
    {"HARBOR", "HBR"}, {"HARBORS", "HBRS"}, {"HARBR", "HBR"}, {"HAVEN", "HVN"},
    {"HEIGHTS", "HTS"}, {"HIGHWY", "HWY"}, {"HILL", "HL"}, {"HILLS", "HLS"},
    {"HIWAY", "HWY"}, {"HIWY", "HWY"}, {"HLLW", "HOLW"}, {"HOLLOW", "HOLW"},
    {"HOLLOWS", "HOLW"}, {"HOLWS", "HOLW"}, {"HRBOR", "HBR"}, {"HT", "HTS"},
    {"HWAY", "HWY"}, {"INLET", "INLT"}, {"ISLAND", "IS"}, {"ISLANDS", "ISS"},
    {"ISLES", "ISLE"}, {"ISLND", "IS"}, {"ISLNDS", "ISS"}, {"JCTION", "JCT"},
    {"JCTN", "JCT"}, {"JCTNS", "JCTS"}, {"JUNCTION", "JCT"}, {"JUNCTIONS", "JCTS"},
    {"JUNCTN", "JCT"}, {"JUNCTON", "JCT"}, {"KEYS", "KYS"}, {"KNOL", "KNL"},
    {"KNOLL", "KNL"}, {"KNOLLS", "KNLS"}, {"LAKE", "LK"}, {"LAKES", "LKS"},
    {"LANDING", "LNDG"}, {"LDGE", "LDG"}, {"LIGHT", "LGT"}, {"LIGHTS", "LGTS"},
    {"LNDNG", "LNDG"}, {"LOAF", "LF"}, {"LOBBY", "LBBY"}, {"LOCK", "LCK"},
    {"LOCKS", "LCKS"}, {"LODG", "LDG"}, {"LODGE", "LDG"}, {"LOOPS", "LOOP"},
    {"LOWER", "LOWR"}, {"MANOR", "MNR"}, {"MANORS", "MNRS"}, {"MDW", "MDWS"},
    {"MEADOW", "MDW"}, {"MEADOWS", "MDWS"}, {"MEDOWS", "MDWS"}, {"MILL", "ML"},
    {"MILLS", "MLS"}, {"MISSION", "MSN"}, {"MISSN", "MSN"}, {"MNT", "MT"},
    {"MNTAIN", "MTN"}, {"MNTN", "MTN"}, {"MOTORWAY", "MTWY"}, {"MOUNT", "MT"},
    {"MOUNTAIN", "MTN"}, {"MOUNTAINS", "MTNS"}, {"MOUNTIN", "MTN"}, {"MSSN", "MSN"},
    {"MTIN", "MTN"}, {"NECK", "NCK"}, {"OFFICE", "OFC"}, {"ORCHARD", "ORCH"},
    {"ORCHRD", "ORCH"}, {"OVERPASS", "OPAS"}, {"OVL", "OVAL"}, {"PASSAGE", "PSGE"},
    {"PATHS", "PATH"}, {"PENTHOUSE", "PH"}, {"PIKES", "PIKE"}, {"PINE", "PNE"},
    {"PINES", "PNES"}, {"PLAIN", "PLN"}, {"PLAINS", "PLNS"}, {"POINT", "PT"},
    {"POINTS", "PTS"}, {"PORT", "PRT"}, {"PORTS", "PRTS"}, {"PRAIRIE", "PR"},
    {"PRK", "PARK"}, {"PRR", "PR"}, {"RAD", "RADL"}, {"RADIAL", "RADL"},
    {"RADIEL", "RADL"}, {"RANCH", "RNCH"}, {"RANCHES", "RNCH"}, {"RAPID", "RPD"},
    {"RAPIDS", "RPDS"}, {"RDGE", "RDG"}, {"REST", "RST"}, {"RIDGE", "RDG"},
    {"RIDGES", "RDGS"}, {"RIVER", "RIV"}, {"RIVR", "RIV"}, {"RNCHS", "RNCH"},
    {"ROADS", "RDS"}, {"ROOM", "RM"}, {"ROUTE", "RTE"}, {"RVR", "RIV"},
    {"SHOAL", "SHL"}, {"SHOALS", "SHLS"}, {"SHOAR", "SHR"}, {"SHORE", "SHR"},
    {"SHORES", "SHRS"}, {"SKYWAY", "SKWY"}, {"SPACE", "SPC"}, {"SPNG", "SPG"},
    {"SPNGS", "SPGS"}, {"SPRING", "SPG"}, {"SPRINGS", "SPGS"}, {"SPRNG", "SPG"},
    {"SPRNGS", "SPGS"}, {"SPURS", "SPUR"}, {"SQRE", "SQ"}, {"SQRS", "SQS"},
    {"SQUARES", "SQS"}, {"STATION", "STA"}, {"STATN", "STA"}, {"STN", "STA"},
    {"STRAV", "STRA"}, {"STRAVEN", "STRA"}, {"STRAVENUE", "STRA"}, {"STRAVN", "STRA"},
    {"STREAM", "STRM"}, {"STREETS", "STS"}, {"STREME", "STRM"}, {"STRT", "ST"},
    {"STRVN", "STRA"}, {"STRVNUE", "STRA"}, {"SUITE", "STE"}, {"SUMIT", "SMT"},
    {"SUMITT", "SMT"}, {"SUMMIT", "SMT"}, {"TERR", "TER"}, {"TERRACE", "TER"},
    {"THROUGHWAY", "TRWY"}, {"TRACE", "TRCE"}, {"TRACES", "TRCE"}, {"TRACK", "TRAK"},
    {"TRACKS", "TRAK"}, {"TRAFFICWAY", "TRFY"}, {"TRAIL", "TRL"}, {"TRAILER", "TRLR"},
    {"TRAILS", "TRL"}, {"TRK", "TRAK"}, {"TRKS", "TRAK"}, {"TRLRS", "TRLR"},
    {"TRLS", "TRL"}, {"TRNPK", "TPKE"}, {"TUNEL", "TUNL"}, {"TUNLS", "TUNL"},
    {"TUNNEL", "TUNL"}, {"TUNNELS", "TUNL"}, {"TUNNL", "TUNL"}, {"TURNPIKE", "TPKE"},
    {"TURNPK", "TPKE"}, {"UNDERPASS", "UPAS"}, {"UNION", "UN"}, {"UNIONS", "UNS"},
    {"UPPER", "UPPR"}, {"VALLEY", "VLY"}, {"VALLEYS", "VLYS"}, {"VALLY", "VLY"},
    {"VDCT", "VIA"}, {"VIADCT", "VIA"}, {"VIADUCT", "VIA"}, {"VIEW", "VW"},
    {"VIEWS", "VWS"}, {"VILL", "VLG"}, {"VILLAG", "VLG"}, {"VILLAGE", "VLG"},
    {"VILLAGES", "VLGS"}, {"VILLE", "VL"}, {"VILLG", "VLG"}, {"VILLIAGE", "VLG"},
    {"VIST", "VIS"}, {"VISTA", "VIS"}, {"VLLY", "VLY"}, {"VST", "VIS"}, {"VSTA", "VIS"},
    {"WALKS", "WALK"}, {"WELL", "WL"}, {"WELLS", "WLS"}, {"WY", "WAY"},
};
static const struct word gb_words[] = {
    {"ALY", "ALLEY"}, {"APARTMENT", "APT"}, {"CENTER", "CENTRE"}, {"CL", "CLOSE"},
    {"CTR", "CENTRE"}, {"LIMITED", "LTD"}, {"SQ", "SQUARE"},
};
static const struct word fr_words[] = {
    {"ALLEE", "ALLÉE"}, {"ALLEES", "ALLÉES"}, {"CHE", "CHEMIN"}, {"IMP", "IMPASSE"},
    {"MONTEE", "MONTÉE"}, {"RTE", "ROUTE"},
};
static const struct word es_words[] = {
    {"AVD", "AVENIDA"}, {"C", "CALLE"}, {"C/", "CALLE"}, {"CARRE", "CALLE"},
    {"CARRER", "CALLE"}, {"C\\", "CALLE"}, {"LG", "LUGAR"}, {"P", "PASSEIG"},
    {"PASEO", "PASSEIG"}, {"PG", "PASSEIG"}, {"PL", "PLAZA"}, {"PLAZA", "PLAZA"},
    {"PLZA", "PLAZA"}, {"PS", "PASSEIG"}, {"PZA", "PLAZA"}, {"RBLA", "RAMBLA"},
    {"RDA", "RONDA"}, {"URB", "URBANIZACIÓN"},
};
static const struct word it_words[] = {
    {"CSO", "CORSO"}, {"LGO", "LARGO"}, {"PLE", "PIAZZALE"}, {"PTTA", "PIAZZETTA"},
    {"PZA", "PIAZZA"}, {"PZZA", "PIAZZA"}, {"VLE", "VIALE"}, {"VLO", "VICOLO"},
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

/* "C/O" where neither neighbour belongs to a word; after_word says it of the one before. */
static bool is_care_of(struct rt_span rest, bool after_word)
{
    return !after_word && rt_span_starts(rest, RT_SPAN("C/O"))
        && !is_word_character((struct rt_span) { rest.p + 3, rest.n - 3 });
}

/* Length of what parts words at the start of rest, or 0. */
static size_t separator(struct rt_span rest, uint32_t c, size_t n, bool after_word)
{
    if (c == 'C')
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

/* "4-B" is two words: a number, and after the last hyphen no number. */
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
    return c >= 'A' && c <= 'Z';
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

/* "APT#12" is three words; what stands before the letters at a "#" is lost. */
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

/* The words as they are spelt, without anything between them, in lower case. */
static enum rt_norm_status join(const struct line *line, size_t country,
    const struct rt_norm_context *context, struct rt_norm *out)
{
    char joined[RT_NORM_MAX];
    size_t n = 0;
    int rc;

    for (size_t i = 0; i < line->n; i++) {
        struct rt_span word = line->words[i];
        const char *spelt = spelling(country, word);

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
    rc = rt_unicode_map(RT_UNICODE_LOWER_NFC, (struct rt_span) { joined, n }, out->p,
        RT_NORM_MAX, &out->n);
    return rc == RT_OK    ? RT_NORM_OK
        : rc == RT_ENOMEM ? RT_NORM_NO_MEMORY
                          : RT_NORM_INVALID;
}

/* Whether words have less in them than the line they were cut out of. */
static bool lost_signs(const struct line *line, size_t n)
{
    size_t of_words = 0;

    for (size_t i = 0; i < line->n; i++)
        of_words += line->words[i].n;
    return of_words != n;
}

enum rt_norm_status rt_norm_street_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    size_t country = country_of(rt_norm_country(context));
    struct rt_norm upper;
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_UPPER_NFC, raw, context, &upper);
    struct line line;

    if (status != RT_NORM_OK)
        return status;
    if (*rt_norm_country(context) == '\0')
        return RT_NORM_NO_COUNTRY;
    if (country == COUNTRIES)
        return RT_NORM_UNUSABLE;
    if (!cut(rt_norm_span(&upper), &line) || !split_dashes(&line) || !split_pounds(&line))
        return RT_NORM_INVALID;
    if (lost_signs(&line, upper.n))
        rt_norm_did(context, RT_DID_SIGNS);
    status = join(&line, country, context, out);
    return status == RT_NORM_OK && rt_norm_has_control(rt_norm_span(out))
        ? RT_NORM_INVALID
        : status;
}
