/*
 * Amazon's rules for city, region and postcode. They are its uploader's, whose results are
 * followed where they look odd: what an address is compared with was made in that way.
 *
 * Letters are composed first, as everywhere here; the uploader takes them as they come,
 * so that a name whose accents stand apart gets another digest there than on most disks.
 */
#include "lists/normalise_parts.h"

static bool is_ascii_alnum(uint32_t c)
{
    return c < 0x80 && rt_norm_is_alnum((char)c);
}

enum rt_norm_status rt_norm_city_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);

    return status == RT_NORM_OK ? rt_norm_keep(context, out, is_ascii_alnum) : status;
}

/* ---- regions */

struct region {
    const char *name; /* a-z alone */
    char code[3];
};

/* Sorted by name. */
/* clang-format off */
static const struct region us_regions[] = {
    {"alabama", "al"}, {"alaska", "ak"}, {"arizona", "az"}, {"arkansas", "ar"},
    {"california", "ca"}, {"colorado", "co"}, {"connecticut", "ct"}, {"delaware", "de"},
    {"florida", "fl"}, {"georgia", "ga"}, {"hawaii", "hi"}, {"idaho", "id"},
    {"illinois", "il"}, {"indiana", "in"}, {"iowa", "ia"}, {"kansas", "ks"},
    {"kentucky", "ky"}, {"louisiana", "la"}, {"maine", "me"}, {"maryland", "md"},
    {"massachusetts", "ma"}, {"michigan", "mi"}, {"minnesota", "mn"},
    {"mississippi", "ms"}, {"missouri", "mo"}, {"montana", "mt"}, {"nebraska", "ne"},
    {"nevada", "nv"}, {"newhampshire", "nh"}, {"newjersey", "nj"}, {"newmexico", "nm"},
    {"newyork", "ny"}, {"northcarolina", "nc"}, {"northdakota", "nd"}, {"ohio", "oh"},
    {"oklahoma", "ok"}, {"oregon", "or"}, {"pennsylvania", "pa"}, {"rhodeisland", "ri"},
    {"southcarolina", "sc"}, {"southdakota", "sd"}, {"tennessee", "tn"},
    {"texas", "tx"}, {"utah", "ut"}, {"vermont", "vt"}, {"virginia", "va"},
    {"washington", "wa"}, {"westvirginia", "wv"}, {"wisconsin", "wi"},
    {"wyoming", "wy"},
};
static const struct region ca_regions[] = {
    {"alberta", "ab"}, {"britishcolumbia", "bc"}, {"manitoba", "mb"},
    {"newbrunswick", "nb"}, {"newfoundlandandlabrador", "nl"},
    {"northwestterritories", "nt"}, {"novascotia", "ns"}, {"nunavut", "nu"},
    {"ontario", "on"}, {"princeedwardisland", "pe"}, {"quebec", "qc"},
    {"saskatchewan", "sk"}, {"yukon", "yt"},
};
static const struct region de_regions[] = {
    {"badenwuerttemberg", "bw"}, {"bavaria", "by"}, {"berlin", "be"},
    {"brandenburg", "bb"}, {"bremen", "hb"}, {"hamburg", "hh"}, {"hesse", "he"},
    {"lowersaxony", "ni"}, {"mecklenburgvorpommern", "mv"},
    {"northrhinewestphalia", "nw"}, {"rhinelandpalatinate", "rp"}, {"saarland", "sl"},
    {"saxony", "sn"}, {"saxonyanhalt", "st"}, {"schleswigholstein", "sh"},
    {"thuringia", "th"},
};
static const struct region es_regions[] = {
    {"acoruna", "c"}, {"alacant", "a"}, {"alava", "vi"}, {"albacete", "ab"},
    {"alicante", "a"}, {"almeria", "al"}, {"araba", "vi"}, {"asturias", "o"},
    {"avila", "av"}, {"badajoz", "ba"}, {"baleares", "pm"}, {"balears", "pm"},
    {"barcelona", "b"}, {"bizkaia", "bi"}, {"burgos", "bu"}, {"caceres", "cc"},
    {"cadiz", "ca"}, {"cantabria", "s"}, {"castello", "cs"}, {"castellon", "cs"},
    {"ceuta", "ce"}, {"ciudadreal", "cr"}, {"cordoba", "co"}, {"cuenca", "cu"},
    {"gerona", "gi"}, {"gipuzkoa", "ss"}, {"girona", "gi"}, {"granada", "gr"},
    {"guadalajara", "gu"}, {"guipuzcoa", "ss"}, {"huelva", "h"}, {"huesca", "hu"},
    {"jaen", "j"}, {"lacoruna", "c"}, {"larioja", "lo"}, {"laspalmas", "gc"},
    {"leon", "le"}, {"lerida", "l"}, {"lleida", "l"}, {"lugo", "lu"}, {"madrid", "m"},
    {"malaga", "ma"}, {"melilla", "ml"}, {"murcia", "mu"}, {"nafarroa", "na"},
    {"navarra", "na"}, {"orense", "or"}, {"ourense", "or"}, {"palencia", "p"},
    {"pontevedra", "po"}, {"salamanca", "sa"}, {"santacruzdetenerife", "tf"},
    {"segovia", "sg"}, {"sevilla", "se"}, {"soria", "so"}, {"tarragona", "t"},
    {"teruel", "te"}, {"toledo", "to"}, {"valencia", "v"}, {"valladolid", "va"},
    {"vizcaya", "bi"}, {"zamora", "za"}, {"zaragoza", "z"},
};
static const struct region fr_regions[] = {
    {"alsace", "aa"}, {"aquitaine", "aq"}, {"auvergne", "au"}, {"brittany", "bt"},
    {"burgundy", "bg"}, {"centre", "cn"}, {"champagneardenne", "cg"}, {"corsica", "ce"},
    {"franchecomte", "fc"}, {"iledefrance", "if"}, {"languedocroussillon", "lu"},
    {"limousin", "lm"}, {"lorraine", "le"}, {"lowernormandy", "bn"},
    {"midipyrenees", "mp"}, {"nordpasdecalais", "np"}, {"paysdelaloire", "pl"},
    {"picardy", "pi"}, {"poitoucharentes", "pt"}, {"provencealpescotedazur", "pr"},
    {"rhonealpes", "ra"}, {"uppernormandy", "ht"},
};
static const struct region it_regions[] = {
    {"agrigento", "ag"}, {"alessandria", "al"}, {"ancona", "an"}, {"aosta", "ao"},
    {"arezzo", "ar"}, {"ascolipiceno", "ap"}, {"asti", "at"}, {"avellino", "av"},
    {"bari", "ba"}, {"barlettaandriatrani", "bt"}, {"belluno", "bl"},
    {"benevento", "bn"}, {"bergamo", "bg"}, {"biella", "bi"}, {"bologna", "bo"},
    {"brescia", "bs"}, {"brindisi", "br"}, {"cagliari", "ca"}, {"caltanissetta", "cl"},
    {"campobasso", "cb"}, {"carboniaiglesias", "ci"}, {"caserta", "ce"},
    {"catania", "ct"}, {"catanzaro", "cz"}, {"chieti", "ch"}, {"como", "co"},
    {"cosenza", "cs"}, {"cremona", "cr"}, {"crotone", "kr"}, {"cuneo", "cn"},
    {"enna", "en"}, {"fermo", "fm"}, {"ferrara", "fe"}, {"florence", "fi"},
    {"foggia", "fg"}, {"forlicesena", "fc"}, {"frosinone", "fr"}, {"genoa", "ge"},
    {"gorizia", "go"}, {"grosseto", "gr"}, {"imperia", "im"}, {"isernia", "is"},
    {"laquila", "aq"}, {"laspezia", "sp"}, {"latina", "lt"}, {"lecce", "le"},
    {"lecco", "lc"}, {"livorno", "li"}, {"lodi", "lo"}, {"lucca", "lu"},
    {"macerata", "mc"}, {"mantua", "mn"}, {"massaandcarrara", "ms"}, {"matera", "mt"},
    {"mediocampidano", "vs"}, {"messina", "me"}, {"milan", "mi"}, {"modena", "mo"},
    {"monzaandbrianza", "mb"}, {"naples", "na"}, {"novara", "no"}, {"nuoro", "nu"},
    {"ogliastra", "og"}, {"olbiatempio", "ot"}, {"oristano", "or"}, {"padua", "pd"},
    {"palermo", "pa"}, {"parma", "pr"}, {"pavia", "pv"}, {"perugia", "pg"},
    {"pesaroandurbino", "pu"}, {"pescara", "pe"}, {"piacenza", "pc"}, {"pisa", "pi"},
    {"pistoia", "pt"}, {"pordenone", "pn"}, {"potenza", "pz"}, {"prato", "po"},
    {"ragusa", "rg"}, {"ravenna", "ra"}, {"reggiocalabria", "rc"},
    {"reggioemilia", "re"}, {"rieti", "ri"}, {"rimini", "rn"}, {"rome", "rm"},
    {"rovigo", "ro"}, {"salerno", "sa"}, {"sassari", "ss"}, {"savona", "sv"},
    {"siena", "si"}, {"sondrio", "so"}, {"southtyrol", "bz"}, {"syracuse", "sr"},
    {"taranto", "ta"}, {"teramo", "te"}, {"terni", "tr"}, {"trapani", "tp"},
    {"trentino", "tn"}, {"treviso", "tv"}, {"trieste", "ts"}, {"turin", "to"},
    {"udine", "ud"}, {"varese", "va"}, {"venice", "ve"}, {"verbanocusioossola", "vb"},
    {"vercelli", "vc"}, {"verona", "vr"}, {"vibovalentia", "vv"}, {"vicenza", "vi"},
    {"viterbo", "vt"},
};
/* clang-format on */

static const struct {
    const char *country;
    const struct region *regions;
    size_t nregions;
} tables[] = {
    { "US", us_regions, sizeof us_regions / sizeof *us_regions },
    { "CA", ca_regions, sizeof ca_regions / sizeof *ca_regions },
    { "DE", de_regions, sizeof de_regions / sizeof *de_regions },
    { "ES", es_regions, sizeof es_regions / sizeof *es_regions },
    { "FR", fr_regions, sizeof fr_regions / sizeof *fr_regions },
    { "IT", it_regions, sizeof it_regions / sizeof *it_regions },
};

static const char *find(const struct region *regions, size_t n, struct rt_span name)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = rt_span_cmp(name, rt_span_of(regions[mid].name));

        if (c == 0)
            return regions[mid].code;
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static const char *region_code(const char *country, struct rt_span name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(country, tables[i].country) == 0)
            return find(tables[i].regions, tables[i].nregions, name);
    return NULL;
}

static bool is_a_to_z(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

/* Capitals first, so that a sharp s is two letters and the letters with accents go. */
enum rt_norm_status rt_norm_region_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_UPPER_NFC, raw, context, out);
    const char *code;

    if (status == RT_NORM_OK && *rt_norm_country(context) == '\0')
        return RT_NORM_NO_COUNTRY;
    if (status == RT_NORM_OK)
        status = rt_norm_keep(context, out, is_a_to_z);
    if (status != RT_NORM_OK)
        return status;
    rt_norm_lower_ascii(out);
    code = region_code(rt_norm_country(context), rt_norm_span(out));
    if (code) {
        rt_norm_did(context, RT_DID_CODE);
        return rt_norm_put(rt_span_of(code), out);
    }
    if (out->n > 2) {
        rt_norm_did(context, RT_DID_SHORTEN);
        out->n = 2;
    }
    return RT_NORM_OK;
}

/* ---- postcodes */

/* How a country's postcode begins: 'A' a letter, '9' a digit, by character. */
static bool has_shape(struct rt_span text, const char *shape)
{
    if (text.n < strlen(shape))
        return false;
    for (size_t i = 0; shape[i]; i++)
        if (!rt_norm_is_alnum(text.p[i])
            || rt_norm_is_digit(text.p[i]) != (shape[i] == '9'))
            return false;
    return true;
}

static bool has_whole_shape(struct rt_span text, const char *const *shapes)
{
    for (; *shapes; shapes++)
        if (text.n == strlen(*shapes) && has_shape(text, *shapes))
            return true;
    return false;
}

static const char *const british[] = { "A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA",
    "AA9A9AA", NULL };
static const char *const canadian[] = { "A9A9A9", NULL };

static bool is_ascii_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static enum rt_norm_status postcode_of(struct rt_span raw,
    const struct rt_norm_context *context, size_t length, const char *const *shapes,
    struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);

    if (status != RT_NORM_OK)
        return status;
    if (*rt_norm_country(context) == '\0')
        return RT_NORM_NO_COUNTRY;
    if (!rt_unicode_valid(text))
        return RT_NORM_INVALID;
    status = rt_norm_put(text, out);
    if (status == RT_NORM_OK)
        status = rt_norm_keep(context, out, shapes ? is_ascii_alnum : is_ascii_digit);
    if (status != RT_NORM_OK)
        return status;
    if (out->n > length) {
        rt_norm_did(context, RT_DID_SHORTEN);
        out->n = length;
    }
    if (shapes)
        return has_whole_shape(rt_norm_span(out), shapes) ? RT_NORM_OK : RT_NORM_INVALID;
    return out->n == length ? RT_NORM_OK : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_postcode_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    const char *country = rt_norm_country(context);

    if (strcmp(country, "GB") == 0)
        return postcode_of(raw, context, 7, british, out);
    if (strcmp(country, "CA") == 0)
        return postcode_of(raw, context, 6, canadian, out);
    if (strcmp(country, "IN") == 0)
        return postcode_of(raw, context, 6, NULL, out);
    if (strcmp(country, "JP") == 0)
        return postcode_of(raw, context, 7, NULL, out);
    return postcode_of(raw, context, 5, NULL, out);
}
