/*
 * Is a user agent a program that nobody looks through? Crawlers, link previews, feed
 * readers, monitors, scanners, HTTP libraries, headless browsers.
 *
 * One pass over the agent in lower case. Two lists are tried: words that tell wherever
 * they stand ("bot" in "Googlebot"), and words that tell at the beginning of a word only
 * ("curl" but not "securly"). Each is a table by a word's first two letters:
 *
 *     anywhere[b, o] -> "t"                  "...both..."   b, o: is what follows a "t"?
 *     anywhere[b, u] -> none                 "...build..."  b, u: go on
 *
 * so most places cost one look. The compiler builds the tables from the lists, and they
 * are constant: any number of threads may ask. 400 ns for a browser's agent; comparing
 * all words at all places took 2,100.
 *
 * Besides names there is one custom: a program that visits sites leaves its owner's
 * address, so an agent with a URL or a mail address in it is one. So is a stranger who
 * claims to be "compatible", and a bare name without a version that no browser has.
 *
 * The lists name families by the part that stays the same over versions. They are of our
 * own making, from the agents' own documentation and from logs.
 */
#include <stdint.h>

#include "base/word.h"
#include "events/derive.h"

/* G(first letter, second letter, what may follow, ...) */

/* clang-format off */

/* ---- words that tell wherever they stand */

#define ANYWHERE(G)                                                                     \
    G(a, g, "gregator") G(a, n, "alyzer") G(a, r, "chiv") G(a, u, "ditor")              \
    G(b, o, "t")                                                                        \
    G(c, e, "rtificate") G(c, h, "ecker", "ecklink") G(c, l, "assif") G(c, r, "awl")    \
    G(d, o, "wnloader")                                                                 \
    G(e, x, "tractor")                                                                  \
    G(f, e, "edparser", "edreader", "tch") G(f, i, "nder/")                             \
    G(g, r, "abber")                                                                    \
    G(h, a, "rvest") G(h, e, "adless")                                                  \
    G(h, t, "tp client", "tp-client", "tpagent", "tpclient")                            \
    G(i, m, "ageproxy", "gproxy") G(i, n, "dexer", "spector", "vestigat")               \
    G(l, i, "bwww", "nk check", "nkcheck")                                              \
    G(m, o, "nitor")                                                                    \
    G(o, p, "timizer")                                                                  \
    G(p, a, "rser") G(p, r, "eview", "oxy/")                                            \
    G(r, e, "search") G(r, o, "bots.txt") G(r, s, "sreader")                            \
    G(s, c, "an", "rape", "raping", "rapy", "reenshot") G(s, e, "archengine")           \
    G(s, l, "urp") G(s, p, "ider") G(s, y, "nthetic")                                   \
    G(u, p, "time") G(u, r, "lcheck")                                                   \
    G(v, a, "lidator") G(v, e, "rifier", "rify")                                        \
    G(w, e, "bhook") G(w, w, "w.")

/* ---- words that tell at the beginning of a word */

#define BEGINNING(G)                                                                    \
    G(a, c, "unetix") G(a, d, "beat", "dthis") G(a, h, "c/", "refs") G(a, i, "ohttp")   \
    G(a, k, "ka-", "regator") G(a, l, "exa site", "exa/")                               \
    G(a, m, "azon cloudfront", "azon simple", "azon-route53") G(a, n, "thropic")        \
    G(a, p, "ache-", "ify", "p-insights", "pengine", "psiteassoc")                      \
    G(a, r, "ia2", "quivo") G(a, s, "k jeeves", "piegel", "ynchttp") G(a, t, "tracta")  \
    G(a, w, "ario") G(a, x, "ios/")                                                     \
    G(b, a, "ckrub", "rkrowler")                                                        \
    G(b, i, "dswitch", "glotron", "ngprev", "tbucket-", "tdiscovery")                   \
    G(b, l, "ackboard safeassign", "ackbox exp", "ackduck", "oglines", "ogtraffic",     \
        "ogtrottr", "uesky card")                                                       \
    G(b, r, "andwatch", "owserless", "owsershots", "owserstack")                        \
    G(b, u, "bing", "ck/", "iltwith") G(b, w, "/")                                      \
    G(c, a, "tchpoint") G(c, e, "nsys") G(c, f, "network agent")                        \
    G(c, h, "atgpt", "eckmark", "rome-lighthouse", "romium-lighthouse")                 \
    G(c, l, "aude-", "aude/", "oudflare")                                               \
    G(c, o, "here-ai", "llapsify", "lly", "mpspy", "ntextad", "nvera", "okiehub")       \
    G(c, r, "iteo", "iticalcss") G(c, s, "s cert") G(c, u, "rb", "rl") G(c, y, "press") \
    G(d, a, "reboost", "tadog", "tafeedwatch", "taminr", "tanyze", "taprovider", "um/", \
        "umoa")                                                                         \
    G(d, e, "adlink", "tectify") G(d, i, "gicert", "scourse", "squs") G(d, m, "browser")\
    G(d, n, "sgroup") G(d, o, "mains project", "mainsigma", "mainstats")                \
    G(d, r, "agonfly", "upact") G(d, u, "ckassist", "plexweb") G(d, y, "natrace")       \
    G(e, c, "2linkfinder", "atch") G(e, l, "ectricmonk")                                \
    G(e, m, "ailwolf", "bed php", "bedly")                                              \
    G(e, v, "c-batch", "entmachine", "ernote clip") G(e, x, "panse") G(e, z, "ooms")    \
    G(f, a, "cebookcatalog", "cebookexternal", "cebookplatform", "raday", "sthttp",     \
        "stmailua", "vicon")                                                            \
    G(f, e, "doraplanet", "ed", "ver/") G(f, i, "ndlink", "ndthatfile")                 \
    G(f, l, "amingo_search", "ipboardproxy") G(f, o, "regenix")                         \
    G(f, r, "eshping", "eshrss") G(f, u, "nnelback")                                    \
    G(g, e, "ckoagent", "edo") G(g, i, "gablast", "thub-", "tlab") G(g, n, "am-")       \
    G(g, o, " http", "-http", "-resty", "/", "mezagent", "ogle favicon", "ogle trust",  \
        "ogle web preview", "ogle-", "ogleagent", "ogleassoc", "ogledocs", "ogleother", \
        "ogleproducer", "oglesecurity", "oglesites", "ose/", "t/")                      \
    G(g, r, "apeshot", "eader", "pc-", "ub-client") G(g, t, "metrix") G(g, u, "zzle")   \
    G(h, a, "ckney", "rdenize", "tena") G(h, e, "ritrix") G(h, o, "lmes", "tjar")       \
    G(h, t, "dig", "mlunit", "tp-", "tp.rb", "tp::", "tp_", "tpget", "tpie", "tpkit",   \
        "tplib", "tpunit", "tpurl", "tpx", "track", "ttp")                              \
    G(h, u, "bspot") G(h, y, "drozen", "peraudit")                                      \
    G(i, c, "hiro") G(i, f, "ramely", "ttt") G(i, m, "messagepreview", "pact.com")      \
    G(i, n, "dy library", "oreader", "somnia/", "stapaper", "tegralads", "tegromat",    \
        "ternet-structure", "ternetmeasure")                                            \
    G(i, p, "s-agent") G(i, s, "itup", "kanie") G(i, u, "benda")                        \
    G(j, a, "karta", "va-http", "va/1", "va/2", "va/8", "va/9", "va1")                  \
    G(j, e, "rsey", "tty") G(j, i, "gsaw") G(j, s, "dom")                               \
    G(k, e, "ycdn", "ydrop", "yword") G(k, l, "aviyo") G(k, o, "uio") G(k, u, "rzor")   \
    G(l, a, "rbin") G(l, e, "ipzig")                                                    \
    G(l, i, "bcurl", "ghthouse", "nguee", "nkdex", "nkexam", "nkman", "nkscan",         \
        "nktiger", "nkvalid", "nkwalk", "pperhey", "tefinder", "vedoor")                \
    G(l, o, "rkyll") G(l, t, "x71") G(l, u, "a-resty", "mar") G(l, w, "p")              \
    G(l, y, "cos", "nx2")                                                               \
    G(m, a, "gpie", "ke/", "nagewp", "nus-user", "rketgoo", "sscan", "stodon",          \
        "ttermost")                                                                     \
    G(m, e, "chanize", "diapartners", "diatoolkit", "ltwater", "ta-external", "tauri")  \
    G(m, i, "crosoft data access", "crosoft office existence", "crosoft url control",   \
        "crosoft-webdav", "niature.io", "niflux", "stralai")                            \
    G(m, n, "ogosearch") G(m, o, "jeek", "ngrel", "nsido", "ntools")                    \
    G(m, s, "nptc", "ray") G(m, u, "ckrack")                                            \
    G(n, a, "gios")                                                                     \
    G(n, e, "ewsblur", "tcraft", "tnewswire", "tpeak", "tshelter", "tsystems", "tvibes",\
        "tvigie", "tworkingext", "wrelic", "ws reader", "wsai", "wsblur", "wsgator",    \
        "wsify", "wsnow", "wspaper", "xgen", "xtcloud-news")                            \
    G(n, i, "kto", "ng/", "nja/", "tro-") G(n, m, "ap")                                 \
    G(n, o, "de-", "de.js", "de/", "deping") G(n, u, "clei", "tch", "zzel")             \
    G(o, a, "i-") G(o, f, "fline explorer") G(o, k, "http")                             \
    G(o, m, "gili", "niexplorer", "nisend") G(o, n, "etrust") G(o, o, "h.sh")           \
    G(o, p, "enai", "enindex", "enlink", "enrss", "envas", "enweb")                     \
    G(o, u, "tbrain", "tclicks") G(o, w, "ler", "lin")                                  \
    G(p, a, "ge2rss", "gepeek", "gething", "ndalytics", "nopta", "nscient", "percli",   \
        "rsijoo")                                                                       \
    G(p, d, "f24 url") G(p, e, "nthouse", "rl", "rplexity")                             \
    G(p, h, "antomjs", "p-", "p/")                                                      \
    G(p, i, "ngadmin", "ngdom", "ngping", "npoll", "nterest/0.", "xalate", "xray")      \
    G(p, l, "aystore-google", "aywright", "ukkie")                                      \
    G(p, o, "e-component", "mpos", "stman", "strank", "wermapper")                      \
    G(p, r, "erender", "intfriendly", "oximic", "tg") G(p, s, "_daily") G(p, t, "st")   \
    G(p, u, "ppeteer") G(p, w, "abuilder") G(p, y, "curl", "thon")                      \
    G(q, u, "antcast", "erysee", "ora link") G(q, w, "ant")                             \
    G(r, a, "ckspace", "nkactive")                                                      \
    G(r, e, "actornetty", "adability", "adable/", "animate", "eqwest", "quests/",       \
        "qwest", "st-client", "stsharp", "voscan")                                      \
    G(r, i, "gor", "vva") G(r, s, "s") G(r, u, "by", "xit") G(r, y, "te")               \
    G(s, a, "feassign", "fedns", "lesforce.com")                                        \
    G(s, c, "ooter", "ope3", "outjet", "reaming")                                       \
    G(s, e, "archatlas", "archexpress", "curityheaders", "ekport", "lenium", "mantic",  \
        "mrush", "ndgrid", "nsis", "o ", "o-", "o/", "okicks", "rpstat", "rver density",\
        "zna")                                                                          \
    G(s, f, "dc") G(s, h, "ablast", "opify-", "opwiki")                                 \
    G(s, i, "lktide", "mplepie", "ndup", "te24", "tecat", "teexplorer", "teimprove",    \
        "telock", "temap", "tesucker")                                                  \
    G(s, k, "ypeuri") G(s, l, "ack-") G(s, n, "acktory", "ap url preview", "oopy")      \
    G(s, o, "cialrank", "gou ", "so")                                                   \
    G(s, p, "awning", "huhn", "lash version", "linksn") G(s, q, "lmap", "watcher")      \
    G(s, s, "l labs")                                                                   \
    G(s, t, "ackrambler", "ape/", "atuscake", "atusok", "eamchaturl", "ripe/",          \
        "ructured")                                                                     \
    G(s, u, "mmify", "perfeedr") G(s, y, "mfony", "napse", "sscan")                     \
    G(t, a, "lkwalker") G(t, e, "leport", "oma", "rmly", "stlocally")                   \
    G(t, h, "e knowledge", "eoldreader", "ousandeyes", "umbnail", "umbshot")            \
    G(t, i, "neye", "ny tiny") G(t, l, "sprober") G(t, o, "plist")                      \
    G(t, r, "aackr", "endiction", "endsmap") G(t, s, "m-turing") G(t, u, "rnitin")      \
    G(t, w, "eetmeme", "ingly", "urly") G(t, y, "phoeus", "poe")                        \
    G(u, n, "dici", "furl", "irest", "iversalfeed")                                     \
    G(u, p, "day", "down", "flow", "trends")                                            \
    G(u, r, "l-", "lexpander", "llib", "lresolver") G(u, s, "ine-nouvelle")             \
    G(v, a, "gabondo", "ultpress") G(v, b, "seo") G(v, e, "risign")                     \
    G(v, i, "gil", "rustotal", "sionheight") G(v, k, "share") G(v, o, "ila", "yager/")  \
    G(w, a, "ppalyzer", "tchtowr", "ybackarch")                                         \
    G(w, e, "b screen", "b-", "bceo", "bclient", "bcollage", "bcopier", "bdatastats",   \
        "bflow", "bgains", "bmirror", "bmon", "bpagetest", "breaper", "bshot", "bsite", \
        "bthumb", "bzip", "see")                                                        \
    G(w, g, "et") G(w, h, "atsapp", "atweb", "eresitup") G(w, i, "kido", "nhttp", "re/")\
    G(w, m, "tips") G(w, o, "otbox", "rdpress", "rdup", "tbox")                         \
    G(w, p, " rocket", "scan", "umbrella") G(w, s, "r-agent")                           \
    G(w, w, "w-mechanize", "woffle", "wtype")                                           \
    G(x, e, "nu") G(x, m, "co", "l-sitemap", "lrpc") G(x, o, "vi")                      \
    G(y, a, "cy", "hoo link", "hoo pipes", "hoo! s", "hoo-", "hoocachesys",             \
        "hoomailproxy", "hooseeker", "ndexdirect", "ndeximages", "ndexmetrika")         \
    G(y, e, "ti") G(y, l, "t chrome") G(y, o, "ttaa", "udao", "uring", "urls")          \
    G(z, a, "bbix", "o-", "pier") G(z, e, "nd_http", "ndesk") G(z, g, "rab")            \
    G(z, m, "ap", "eu") G(z, o, "ominfo") G(z, y, "borg")

enum letter {
    L_a = 'a' & 31, L_b, L_c, L_d, L_e, L_f, L_g, L_h, L_i, L_j, L_k, L_l, L_m, L_n, L_o, L_p,
    L_q, L_r, L_s, L_t, L_u, L_v, L_w, L_x, L_y, L_z
};

/* clang-format on */

#define PAIR(first, second) ((first) << 5 | (second))
#define ANY_LIST(a, b, ...) static const char *const any_##a##b[] = { __VA_ARGS__, NULL };
#define BEGIN_LIST(a, b, ...)                                                            \
    static const char *const begin_##a##b[] = { __VA_ARGS__, NULL };
#define ANY_ENTRY(a, b, ...)   [PAIR(L_##a, L_##b)] = any_##a##b,
#define BEGIN_ENTRY(a, b, ...) [PAIR(L_##a, L_##b)] = begin_##a##b,

ANYWHERE(ANY_LIST)
BEGINNING(BEGIN_LIST)
static const char *const *const anywhere[1024] = { ANYWHERE(ANY_ENTRY) };
static const char *const *const beginning[1024] = { BEGINNING(BEGIN_ENTRY) };

/* ---- looking */

enum { LOOKED_AT = 2048, PAD = 16 };

/* The agent's first bytes as written and in lower case, with NULs behind them, so that a
 * comparison ends there by itself. */
struct agent {
    const char *written;
    size_t n;
    char lower[LOOKED_AT + PAD];
};

static void agent_set(struct agent *agent, struct rt_span text)
{
    uint64_t eight;

    agent->written = text.p;
    agent->n = text.n < LOOKED_AT ? text.n : LOOKED_AT;
    memcpy(agent->lower, text.p, agent->n);
    memset(agent->lower + agent->n, 0, PAD);
    for (size_t i = 0; i < agent->n; i += sizeof eight) {
        memcpy(&eight, agent->lower + i, sizeof eight);
        eight = rt_word_lower(eight);
        memcpy(agent->lower + i, &eight, sizeof eight);
    }
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool begins(const char *p, const char *word)
{
    while (*word && *p == *word)
        p++, word++;
    return *word == '\0';
}

/* True when a word ends behind the letter at i: no letter follows, or a capital behind a
 * small one ("BotLink"). */
static bool word_ends(const struct agent *agent, size_t i)
{
    const char *lower = agent->lower, *written = agent->written;

    return i + 1 >= agent->n || !is_letter(lower[i + 1])
        || (written[i + 1] != lower[i + 1] && written[i] == lower[i]);
}

/* Words found that mean something else: the telephones of Cubot, "bottle",
 * "MyBotswana"; Mozilla's developer preview; "scandinavia". */
static bool is_mistaken(const struct agent *agent, size_t i)
{
    const char *p = agent->lower + i;

    if (begins(p, "bot"))
        return !(word_ends(agent, i + 2) || (p[3] == 's' && word_ends(agent, i + 3)))
            || (i >= 2 && begins(p - 2, "cubot"));
    if (begins(p, "scan"))
        return is_letter(p[4]) && !begins(p, "scann");
    return begins(p, "preview") && i >= 9 && begins(p - 9, "developer");
}

/* i  where a letter stands */
static bool is_among(
    const char *const *const table[1024], const struct agent *agent, size_t i)
{
    const char *p = agent->lower + i;
    const char *const *word = is_letter(p[1]) ? table[PAIR(p[0] & 31, p[1] & 31)] : NULL;

    for (; word && *word; word++)
        if (begins(p + 2, *word) && !is_mistaken(agent, i))
            return true;
    return false;
}

/* Behind the '@' of "crawler@example.com"; but not of a version, "ios@8.1.3". */
static bool is_mail_host(const char *p)
{
    if (!is_letter(*p))
        return false;
    while (is_letter(*p) || *p == '-')
        p++;
    return *p == '.';
}

/* "Mozilla/5.0 (compatible; Name/1.0)": browsers that said so give these names. */
static bool is_stranger(const char *p)
{
    static const char *const browsers[] = { "msie", "konqueror", "windows", "x11",
        "linux", "lotus", "ms-office", "u;", "icab", "omniweb", "abrowse", "macintosh",
        "mac_", "opera", "ipad", "iphone", "android", "netfront", "yandexbrowser",
        "chimera", "winnt", NULL };
    const char text[] = "(compatible;";

    if (!begins(p, text))
        return false;
    for (p += sizeof text - 1; *p == ' ';)
        p++;
    for (const char *const *browser = browsers; *browser; browser++)
        if (begins(p, *browser))
            return false;
    return true;
}

static bool is_address(const char *p)
{
    return (*p == ':' && p[1] == '/' && p[2] == '/')
        || (*p == '@' && is_mail_host(p + 1));
}

/* Anything in it that tells. */
static bool has_a_mark(const struct agent *agent)
{
    bool inside = false;

    for (size_t i = 0; i < agent->n; i++) {
        const char *p = agent->lower + i;
        bool letter = is_letter(*p);

        if (letter ? is_among(anywhere, agent, i)
                    || (!inside && is_among(beginning, agent, i))
                   : is_address(p) || (*p == '(' && is_stranger(p)))
            return true;
        inside = letter;
    }
    return false;
}

static bool has_one_of(const struct agent *agent, const char *const *words)
{
    for (size_t i = 0; i < agent->n; i++)
        for (const char *const *word = words; *word; word++)
            if (begins(agent->lower + i, *word))
                return true;
    return false;
}

/* What does not begin as browsers do, nor names a hand-held device, and is one word
 * without a version, or speaks of requests. */
static bool is_machine(const struct agent *agent)
{
    static const char *const people[] = { "android", "ios", "iphone", "ipad", "cfnetwork",
        "darwin", "msie", "mobile", NULL };
    static const char *const words[] = { "http", "search", "client", "api ", "api/",
        "sdk", "service", "connector", "import", "lookup", "rss", "url", "server",
        "agent", NULL };

    if (begins(agent->lower, "mozilla/") || begins(agent->lower, "opera/")
        || has_one_of(agent, people))
        return false;
    return (!memchr(agent->lower, '/', agent->n) && !memchr(agent->lower, ' ', agent->n))
        || has_one_of(agent, words);
}

bool rt_is_bot(struct rt_span user_agent)
{
    struct agent agent;

    if (user_agent.n == 0 || (user_agent.n == 1 && *user_agent.p == '-'))
        return false;
    agent_set(&agent, user_agent);
    return has_a_mark(&agent) || is_machine(&agent);
}
