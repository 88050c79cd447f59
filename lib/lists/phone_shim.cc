/*
 * The C face of libphonenumber. No exception leaves this file. The library's own
 * singleton is made at the first call and lives as long as the process.
 *
 * The library reads a number through some dozen regular expressions: 26 us each, 26 s for
 * a million. Numbers that are nothing but digits and separators, of countries with one
 * plain trunk prefix, need none of them: those are taken apart here by the lengths that
 * the library told once, without an allocation. Both ways were held against each other
 * over 30,000 made-up numbers of each country in the table, with and without code and
 * prefix.
 */
#include "lists/phone.h"

#include <cstring>
#include <new>
#include <string>

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

const size_t kLongestInput = 250; /* the library's own bound */
const size_t kFewestDigits = 7;   /* Google's sample: "+", 1-9, then 6 to 14 more */

/* Of a length that the country uses, and with its area code: "555-1234" is half a number.
 */
bool IsWhole(const PhoneNumber &number)
{
    return PhoneNumberUtil::GetInstance()->IsPossibleNumberWithReason(number)
        == PhoneNumberUtil::IS_POSSIBLE;
}

/* Countries whose numbers are the trunk prefix and the national number, nothing else. */
struct PlainCountry {
    char region[3];
    const char *code;
    char trunk; /* 0: none */
};

const PlainCountry kPlain[] = {
    { "AT", "43", '0' },
    { "BE", "32", '0' },
    { "CA", "1", '1' },
    { "CH", "41", '0' },
    { "CZ", "420", 0 },
    { "DE", "49", '0' },
    { "DK", "45", 0 },
    { "ES", "34", 0 },
    { "FR", "33", '0' },
    { "GB", "44", '0' },
    { "IE", "353", '0' },
    { "NL", "31", '0' },
    { "NO", "47", 0 },
    { "PL", "48", 0 },
    { "PT", "351", 0 },
    { "SE", "46", '0' },
    { "US", "1", '1' },
};

const size_t kPlains = sizeof kPlain / sizeof *kPlain;

/* The lengths that the countries' numbers have, as bits, as the library answers for any
 * number of such a length: its answer depends on nothing else. */
struct PlainLengths {
    unsigned bits[kPlains];

    PlainLengths()
    {
        for (size_t i = 0; i < kPlains; i++) {
            unsigned long long national = 0;

            bits[i] = 0;
            for (unsigned length = 1; length <= 15; length++) {
                PhoneNumber number;

                national = national * 10 + 5;
                number.set_country_code(std::stoi(kPlain[i].code));
                number.set_national_number(national);
                if (IsWhole(number))
                    bits[i] |= 1u << length;
            }
        }
    }
};

bool HasPlainLength(size_t country, size_t length)
{
    static const PlainLengths lengths;

    return length <= 15 && (lengths.bits[country] >> length & 1);
}

struct Digits {
    char p[20];
    size_t n;
    bool plus;
};

/* Digits out of usual separators; false for anything else in the text. */
bool OnlyDigits(struct rt_span text, Digits *d)
{
    d->n = 0;
    d->plus = text.p[0] == '+';
    for (size_t i = d->plus; i < text.n; i++) {
        char c = text.p[i];

        if (c >= '0' && c <= '9') {
            if (d->n == sizeof d->p)
                return false;
            d->p[d->n++] = c;
        } else if (!std::strchr(" -./()", c) || c == '\0') {
            return false;
        }
    }
    return d->n > 0;
}

/* Digits of the country code in front of d, when it has that one; else 0. */
size_t CodeLength(const Digits &d, const char *code)
{
    size_t n = std::strlen(code);

    return d.n > n && std::memcmp(d.p, code, n) == 0 ? n : 0;
}

/* Where the national number begins; false when only the library can tell. */
bool NationalStart(
    const Digits &d, const PlainCountry &country, const char *region, size_t *start)
{
    size_t code = CodeLength(d, country.code);

    if (d.plus) {
        *start = code;
        if (code == 0)
            return false;
    } else {
        if (!region || std::strcmp(region, country.region) != 0)
            return false;
        *start = country.trunk && d.p[0] == country.trunk;
        if (*start == 0 && code != 0)
            return false; /* the code without its plus sign, or an area's number */
    }
    return *start < d.n && d.p[*start] != '0' && d.p[*start] != country.trunk;
}

struct Found {
    std::string e164;
    bool country_added = false;
    bool extension_dropped = false;
};

/* The short way. False: take the long one. */
bool ReadPlain(struct rt_span text, const char *region, Found *found)
{
    Digits d;

    if (!OnlyDigits(text, &d))
        return false;
    for (size_t i = 0; i < kPlains; i++) {
        const PlainCountry &country = kPlain[i];
        size_t start = 0;

        if (!NationalStart(d, country, region, &start))
            continue;
        if (!HasPlainLength(i, d.n - start))
            return false;
        found->e164.assign("+").append(country.code).append(d.p + start, d.n - start);
        found->country_added =
            !d.plus && (start == 0 || CodeLength(d, country.code) != start);
        return found->e164.size() > kFewestDigits && found->e164.size() <= 16;
    }
    return false;
}

bool IsInternational(const std::string &text)
{
    return !text.empty() && text[0] == '+';
}

/* The text from its first digit or plus sign on: what stands before is a label, unless it
 * is of another script. "00" that the writer put after a plus sign goes. */
std::string Tidy(struct rt_span text)
{
    std::string s(text.p, text.n);
    size_t start = 0;

    while (start < s.size() && static_cast<unsigned char>(s[start]) < 0x80
        && !std::strchr("+0123456789", s[start]))
        start++;
    if (start < s.size())
        s.erase(0, start);
    if (s.compare(0, 3, "+00") == 0)
        s.erase(1, 2);
    return s;
}

/* A copy that dials abroad by "+" when text does so by "00", else "". */
std::string PlusForZeros(const std::string &text)
{
    size_t first = text.find_first_of("0123456789");

    if (IsInternational(text) || first == std::string::npos
        || text.compare(first, 2, "00") != 0)
        return "";
    return "+" + text.substr(first + 2);
}

unsigned CountDigits(const std::string &e164)
{
    return static_cast<unsigned>(e164.size() - 1);
}

/* Whether a text that does not begin with a plus sign has the country code of the number
 * that the library made of it: asked by digits alone, as the library kept them. */
bool HasCode(const std::string &text, const std::string &e164)
{
    std::string digits = text;

    PhoneNumberUtil::GetInstance()->NormalizeDigitsOnly(&digits);
    return digits.find(e164.substr(1)) != std::string::npos;
}

/* Parses and writes one reading of the number. */
rt_phone_status Read(const std::string &text, const char *region, Found *found)
{
    const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    bool has_region = region && *region;
    auto got = util.Parse(text, has_region ? region : "ZZ", &number);

    if (got == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR)
        return IsInternational(text) || has_region ? RT_PHONE_INVALID
                                                   : RT_PHONE_NO_COUNTRY;
    if (got != PhoneNumberUtil::NO_PARSING_ERROR)
        return RT_PHONE_INVALID;
    util.Format(number, PhoneNumberUtil::E164, &found->e164);
    found->extension_dropped = number.has_extension();
    found->country_added = !IsInternational(text) && !HasCode(text, found->e164);
    if (CountDigits(found->e164) < kFewestDigits || CountDigits(found->e164) > 15)
        return RT_PHONE_INVALID;
    if (IsWhole(number))
        return RT_PHONE_OK;
    return IsInternational(text) && CountDigits(found->e164) >= 10 ? RT_PHONE_OK
                                                                   : RT_PHONE_INVALID;
}

/* A copy without the "(0)" that follows the country code: who writes "+34 (0)91 ..." means
 * the zero that is dialled at home, whether or not the country has one. Else "". */
std::string WithoutHomeZero(const std::string &text)
{
    size_t at = text.find("(0)");
    size_t digits = 0;

    if (!IsInternational(text) || at == std::string::npos)
        return "";
    for (size_t i = 1; i < at; i++)
        if (text[i] >= '0' && text[i] <= '9')
            digits++;
        else if (!std::strchr(" -./", text[i]))
            return "";
    return digits >= 1 && digits <= 3 ? text.substr(0, at) + text.substr(at + 3) : "";
}

bool IsValid(const PhoneNumber &number)
{
    return PhoneNumberUtil::GetInstance()->IsValidNumber(number);
}

/* Whether numbers of the country begin with a zero that is dialled from abroad too, as
 * those of Italy's landlines do: the library's examples show it. */
bool KeepsZero(int country_code)
{
    const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    PhoneNumber example;
    std::string region;

    util.GetRegionCodeForCountryCode(country_code, &region);
    for (auto type : { PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::MOBILE })
        if (util.GetExampleNumberForType(region, type, &example)
            && example.italian_leading_zero())
            return true;
    return false;
}

rt_phone_status ReadAbroad(const std::string &text, const char *region, Found *found)
{
    const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    std::string bare = WithoutHomeZero(text);
    PhoneNumber number;

    if (bare.empty()
        || util.Parse(bare, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR
        || (KeepsZero(number.country_code()) && !IsValid(number)))
        return Read(text, region, found);
    return Read(bare, region, found);
}

rt_phone_status Normal(const std::string &text, const char *region, Found *found)
{
    std::string abroad = PlusForZeros(text);
    std::string other;

    if (abroad.empty()) {
        rt_phone_status status = ReadAbroad(text, region, found);
        size_t zeros = text.find_first_not_of('0');

        if (status == RT_PHONE_INVALID && zeros != 0 && zeros != std::string::npos)
            status = Read(text.substr(zeros), region, found); /* a zero too many */
        return status;
    }
    if (region && *region && Read(text, region, found) == RT_PHONE_OK)
        return RT_PHONE_OK; /* the region's own way of writing it comes first */
    return ReadAbroad(abroad, region, found);
}

} // namespace

extern "C" enum rt_phone_status rt_phone_e164(
    struct rt_span text, const char *region, struct rt_phone *out)
{
    if (text.n == 0 || text.n > kLongestInput)
        return RT_PHONE_INVALID;
    try {
        Found found;
        rt_phone_status status = RT_PHONE_OK;

        if (!ReadPlain(text, region, &found))
            status = Normal(Tidy(text), region, &found);

        if (status == RT_PHONE_OK) {
            std::memcpy(out->e164, found.e164.c_str(), found.e164.size() + 1);
            out->country_added = found.country_added;
            out->extension_dropped = found.extension_dropped;
        }
        return status;
    } catch (const std::bad_alloc &) {
        return RT_PHONE_NO_MEMORY;
    } catch (...) {
        return RT_PHONE_INVALID;
    }
}
