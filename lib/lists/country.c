/*
 * Two sorted tables, searched by halves: the codes here, what the countries are called in
 * country_names.c.
 */
#include "lists/country.h"

#include <string.h>

#include "lists/country_names.h"
#include "lists/unicode.h"

enum { LONGEST_NAME = 128 };

static const char codes[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCA"
    "CCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGA"
    "GBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP"
    "KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMS"
    "MTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORS"
    "RURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTW"
    "TZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

bool rt_country_is_code(struct rt_span code)
{
    size_t low = 0, high = (sizeof codes - 1) / 2;

    if (code.n != 2)
        return false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = memcmp(code.p, codes + 2 * mid, 2);

        if (c == 0)
            return true;
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}

static const struct rt_country_name *find(struct rt_span name)
{
    size_t low = 0, high = rt_ncountry_names;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = rt_span_cmp(name, rt_span_of(rt_country_names[mid].name));

        if (c == 0)
            return &rt_country_names[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const char *rt_country_name(size_t i, char code[3])
{
    if (i >= rt_ncountry_names)
        return NULL;
    memcpy(code, rt_country_names[i].code, 3);
    return rt_country_names[i].name;
}

bool rt_country_code(struct rt_span text, char code[3])
{
    char bare[4 * LONGEST_NAME];
    const struct rt_country_name *country;
    size_t n = 0;

    if (text.n > LONGEST_NAME
        || rt_unicode_map(RT_UNICODE_BARE, text, bare, sizeof bare, &n) < 0 || n < 2)
        return false;
    if (n == 2) {
        char upper[3] = { (char)(bare[0] & ~0x20), (char)(bare[1] & ~0x20), '\0' };

        if (rt_country_is_code((struct rt_span) { upper, 2 })) {
            memcpy(code, upper, 3);
            return true;
        }
    }
    country = find((struct rt_span) { bare, n });
    if (!country)
        return false;
    memcpy(code, country->code, 3);
    return true;
}
