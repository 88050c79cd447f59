/*
 * Contact values in the form in which each platform compares them, before hashing.
 *
 * One function a field and family of platforms; each names where its rule comes from. All
 * have one shape, so that a column of the platform table can point at its own. A value
 * that cannot be brought into the form is refused with the reason: its cell stays empty,
 * and nothing else of the person is touched.
 *
 * What no platform documents is international addresses: nobody says whether a domain in
 * its own script is to be sent as it is or as xn--. Domains stay as they are given.
 *
 * For all: at most RT_NORM_IN_MAX bytes, UTF-8 (else RT_NORM_INVALID); outer blanks, as
 * rt_unicode_blank has them, are cut first. Any number of threads. ASCII values cost no
 * allocation (of telephone numbers, those that need libphonenumber's whole parser do).
 */
#ifndef RT_NORMALISE_H
#define RT_NORMALISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum rt_norm_status {
    RT_NORM_OK,
    RT_NORM_EMPTY,      /* nothing there but blanks */
    RT_NORM_INVALID,    /* no e-mail address, no telephone number, no country, ... */
    RT_NORM_NO_COUNTRY, /* a telephone number, for Amazon a place, that wants a country */
    RT_NORM_HASHED,     /* a digest where the platform takes plain values only */
    RT_NORM_UNUSABLE,   /* right by itself, but not to be sent to this platform */
    RT_NORM_STATUSES,
    RT_NORM_NO_MEMORY = RT_NORM_STATUSES
};

/* What a rule did to a value, for those who want to tell people. */
enum rt_norm_change {
    RT_DID_TRIM = 1 << 0,       /* blanks cut at the ends */
    RT_DID_CASE = 1 << 1,       /* letters to the other case */
    RT_DID_DOTS = 1 << 2,       /* dots out of the user part of an address */
    RT_DID_TAG = 1 << 3,        /* "+tag" off the user part of an address */
    RT_DID_SIGNS = 1 << 4,      /* blanks, punctuation or digits deleted inside; a
                                   telephone number laid out anew */
    RT_DID_LETTERS = 1 << 5,    /* letters beyond a-z composed, respelt or deleted */
    RT_DID_AFFIX = 1 << 6,      /* a title or a suffix off a name */
    RT_DID_CODE = 1 << 7,       /* a word or date for its code: "Germany", "DE" */
    RT_DID_SHORTEN = 1 << 8,    /* a part cut off: ZIP+4, the path of an URL */
    RT_DID_COUNTRY = 1 << 9,    /* a country code put before a telephone number */
    RT_DID_EXTENSION = 1 << 10, /* an extension off a telephone number */
    RT_DID_DIGEST = 1 << 11, /* a digest already; set by those who call rt_norm_hashed */
    RT_NORM_CHANGES = 12
};

/* A name of the bit 1 << i for reports, "trimmed"; i below RT_NORM_CHANGES. */
const char *rt_norm_change_name(unsigned i);

enum {
    RT_NORM_IN_MAX = 512, /* bytes of a value; longer ones are RT_NORM_INVALID */
    RT_NORM_MAX = 2560    /* lower case and composing may each lengthen non-ASCII text */
};

struct rt_norm {
    size_t n;
    bool usual; /* set by rules for addresses when the raw text is one that every platform
                   could use; others leave it */
    char p[RT_NORM_MAX];
};

/* Which of the two kinds of mobile advertising id a value is. */
enum rt_norm_device { RT_DEVICE_UNKNOWN, RT_DEVICE_IDFA, RT_DEVICE_AAID };

/* The kind that a column's title tells: "IDFA", "Google Advertising ID". "MAID" and "ADID"
 * tell none. */
enum rt_norm_device rt_norm_device_of(struct rt_span title);

/* What else is known of the person when a value is normalised. */
struct rt_norm_context {
    char country[3];      /* of the value's own row, alpha-2 in capitals; "" */
    char phone_region[3]; /* country for telephone numbers without a country code; "" */
    unsigned latest_year; /* the last that a birth date may have; 0: 2100 */
    enum rt_norm_device device; /* as the column's name says it */
    unsigned *changes; /* NULL, or gets the enum rt_norm_change bits added; they mean
                          something after RT_NORM_OK alone */
};

/* Normalises raw into out, which is not to be used unless RT_NORM_OK. context may be NULL
 * when nothing is known. */
typedef enum rt_norm_status rt_norm_fn(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out);

/* ---- digests
 *
 * To be asked of the raw value, before any rule, with the kinds that the column's
 * platform takes: 32 hex digits are an MD5 digest where one is expected, elsewhere they
 * are an advertising id that lost its hyphens.
 */
enum rt_norm_hash_kind {
    RT_HASHED_MD5_HEX = 1,       /* 32 hex digits */
    RT_HASHED_SHA1_HEX = 2,      /* 40 */
    RT_HASHED_SHA256_HEX = 4,    /* 64 */
    RT_HASHED_SHA512_HEX = 8,    /* 128 */
    RT_HASHED_SHA256_BASE64 = 16 /* 44 characters, "=" the last: UID2 */
};

/*
 * Whether raw, outer blanks aside, is a digest of one of the kinds (bits) already; returns
 * its bit, or 0. out holds hex digits in lower case, Base64 as it is.
 * Source: Meta's and Segment's libraries pass such values on; Meta's lower-cases them.
 */
unsigned rt_norm_hashed(struct rt_span raw, unsigned kinds, struct rt_norm *out);

/* Whether what rt_norm_hashed() put out is the digest of an empty value: it stands for
 * nobody, and whole columns of careless exports consist of it. */
bool rt_norm_is_digest_of_nothing(struct rt_span digest);

/* The same as rt_norm_hashed() for RT_HASHED_SHA256_HEX. */
bool rt_norm_digest(struct rt_span raw, struct rt_norm *out);

/* ---- e-mail
 *
 * What an address is, for every family. Outer blanks are cut (white space of any script,
 * byte order marks, zero-width spaces); then it must be UTF-8 of at most 254 bytes, have
 * exactly one "@", a user part of 1 to 64 bytes and a domain, and hold no blank, control
 * character, quote or any of ( ) < > , ; : [ ] \ anywhere. The domain has two labels or
 * more of 1 to 63 letters, digits and hyphens, none with a hyphen at its end or start,
 * the last not of digits alone; bytes beyond ASCII count as letters. A dot at either end
 * of the user part, or two together, is refused unless the family deletes dots.
 *
 * So comments, quoted user parts and domain literals ("a@[10.0.0.1]") of RFC 5322 are no
 * addresses here, nor is "a@io": no platform matches them, Meta refuses them.
 * Sources: RFC 5321 sections 4.1.2 and 4.5.3.1; RFC 3696 section 2 (top-level domains);
 * Meta's parameter builder, tests of emailUtil (2026); UID2's and Google's clients.
 */

/* Lower case, dots and +tag kept, every domain alike. Beyond ASCII: Unicode lower case.
 * For Criteo, AdRoll, Pinterest, Snapchat, OpenAI, Microsoft, Yandex.
 * Source: Criteo OneTag help, "hashing" (trimmed and lower-cased first). */
rt_norm_fn rt_norm_email_plain;

/* As it was typed, its outer blanks aside. For Klaviyo. */
rt_norm_fn rt_norm_email_typed;

/* As typed; a byte beyond ASCII in the user part is refused.
 * Source: Mailchimp, Format guidelines for your import file. */
rt_norm_fn rt_norm_email_mailchimp;

/* As plain; an address with any byte beyond ASCII is refused.
 * Source: Meta, Customer Information Parameters (2026); its parameter builder's tests. */
rt_norm_fn rt_norm_email_meta;

/* As plain, once all inner blanks are deleted. For LinkedIn, X, TikTok, Yahoo.
 * Sources: LinkedIn help a1489764 (2026); X's hash_tailored_audience_file.py. */
rt_norm_fn rt_norm_email_linkedin;

/* As plain; then for gmail.com and googlemail.com (which stays googlemail.com) the user
 * part is cut at its first "+" and loses its dots; empty after that: no address.
 * Sources: developers.google.com/data-manager/api/devguides/concepts/formatting (2026);
 * googleads/data-manager-java UserDataFormatter (June 2026). */
rt_norm_fn rt_norm_email_google;

/* As Google's, once all inner blanks are deleted. Source:
 * developers.google.com/display-video/api/guides/audiences/upload-customer-match. */
rt_norm_fn rt_norm_email_dv360;

/* A-Z to lower case and nothing else, bytes beyond ASCII unchanged; then for gmail.com
 * (not googlemail.com) as Google's. Source: UID2, Normalization and Encoding (2026). */
rt_norm_fn rt_norm_email_uid2;

/* Lower case; at every domain the user part is cut at its first "+" and keeps only
 * letters and digits of ASCII; empty after that: no address. Source: Reddit Ads, manual
 * advanced matching. */
rt_norm_fn rt_norm_email_reddit;

/* Lower case; then everything but letters and digits of any script and _ . @ - is
 * deleted, so that the sign "+" goes and the tag stays. Of Segment's two libraries one
 * keeps "+" and one drops "_"; Amazon's own is followed.
 * Source: aws-solutions/amazon-marketing-cloud-uploader-from-aws (2025). */
rt_norm_fn rt_norm_email_amazon;

/* ---- telephone: see lists/phone.h; context gives the region */

/* "+441134960987", 7 to 15 digits. Source: Google (as for e-mail), OpenAI, Klaviyo: E.164.
 */
rt_norm_fn rt_norm_phone_plus;

/* "441134960987". For Meta, Snapchat, X, Amazon, TikTok, Yandex. Sources: Meta, Customer
 * File Custom Audiences; Snap; X. Meta's own library keeps the digits of an extension;
 * they are no part of the number: dropped. */
rt_norm_fn rt_norm_phone_digits;

/* As plus; fewer than 10 digits are RT_NORM_UNUSABLE. Source: UID2, Normalization and
 * Encoding (2026). */
rt_norm_fn rt_norm_phone_uid2;

/* ---- names
 *
 * A name without any letter ("-", "?", "007") is RT_NORM_INVALID; so is, for Google and
 * in plain lists, one with a line end or another control character inside. Hashed names
 * are composed (NFC), so that a letter and its accent typed apart hash like the one
 * letter.
 */

/* Lower case; one "mr." "mrs." "ms." "dr." at the start goes, its dot required.
 * Google's three libraries differ; this is the narrower of the two that remove any.
 * Source: googleads/data-manager-node formatter.ts (June 2026). */
rt_norm_fn rt_norm_first_name_google;

/* Lower case; from the end, as often as there is one after a comma or a blank: jr sr (dot
 * optional) 2nd 3rd ii iii iv v vi cpa dc dds vm jd md phd. Hyphens and inner blanks
 * stay. Source: as above. */
rt_norm_fn rt_norm_last_name_google;

/* As Google's, then without inner blanks. Source: as the e-mail rule of DV360. */
rt_norm_fn rt_norm_first_name_dv360;
rt_norm_fn rt_norm_last_name_dv360;

/* Lower case without digits and without punctuation and symbols of any script; inner
 * blanks stay. Source: developers.google.com/analytics/devguides/collection/ga4/uid-data
 */
rt_norm_fn rt_norm_name_ga4;

/* Lower case without blanks and without ASCII punctuation and its typographic
 * apostrophes; accents, digits and letters of any script stay. Source: Meta, Customer
 * Information Parameters ("Valery" with its accent is an example there); long dashes stay
 * as in its parameter builder's tests. */
rt_norm_fn rt_norm_name_meta;

/* Lower case; sharp s to ss, a o u with diaeresis to ae oe ue, o with stroke to o, the
 * ligature ae to ae; then a-z and 0-9 alone are kept. Source: as e-mail of Amazon. */
rt_norm_fn rt_norm_name_amazon;

/* ---- address */

/* a-z alone: digits, punctuation, blanks and letters with accents are deleted (the
 * document's rule for audiences; Meta's library keeps digits).
 * Source: Meta, Customer File Custom Audiences (April 2026). */
rt_norm_fn rt_norm_city_meta;

/* US states and Canadian provinces by two letters, names included, when the country is
 * one of these or not known; a text that is neither, in those countries, is invalid. In
 * other countries lower case without blanks and punctuation. Meta's library takes the
 * first two letters of anything unknown ("Carolina", "ca"): never done here. Source: as
 * city. */
rt_norm_fn rt_norm_region_meta;

/* Lower case without blanks and punctuation; of ZIP+4 the first five, which are required
 * when the country is US. Meta's library keeps inner blanks and cuts at any dash: the
 * document is followed.
 * Source: as city. */
rt_norm_fn rt_norm_postcode_meta;

/* Outer blanks cut. Source: googleads/data-manager-java UserDataFormatter. */
rt_norm_fn rt_norm_postcode_google;

/* Amazon's. Region, postcode and street go by the country of context, RT_NORM_NO_COUNTRY
 * without one:
 *   city      a-z 0-9 alone; letters with accents are deleted ("Koeln" with its umlaut is
 *             "kln")
 *   region    two letters: by a table in US CA DE ES FR IT, else the first two
 *   postcode  5 digits; 7 of JP, 6 of IN; of GB and CA letters and digits in the national
 *             pattern, in the case in which they were given; invalid when it has less
 *   street    words shortened by the country's table and joined; RT_NORM_UNUSABLE where
 *             Amazon has no table (all but US CA GB DE FR ES IT JP IN)
 * Source: aws-solutions/amazon-marketing-cloud-uploader-from-aws (Oct 2025). Its results
 * are followed where they look odd: what they are compared with is made in the same way. */
rt_norm_fn rt_norm_city_amazon;
rt_norm_fn rt_norm_region_amazon;
rt_norm_fn rt_norm_postcode_amazon;
rt_norm_fn rt_norm_street_amazon;

/* Google Analytics: street, city and region in lower case without symbols, the last two
 * without digits too; postcode without "." and "~". Source: as rt_norm_name_ga4. */
rt_norm_fn rt_norm_street_ga4;
rt_norm_fn rt_norm_city_ga4;
rt_norm_fn rt_norm_region_ga4;
rt_norm_fn rt_norm_postcode_ga4;

/* alpha-2: see lists/country.h. Google, LinkedIn, Amazon: capitals. Meta: lower case,
 * hashed. */
rt_norm_fn rt_norm_country_upper;
rt_norm_fn rt_norm_country_lower;

/* ---- the person */

/* "m" or "f", from the usual words of a few languages.
 * Source: Meta, Customer Information Parameters ("gen"). */
rt_norm_fn rt_norm_gender;

/* YYYYMMDD from three numbers, the year of four digits first or last, month before day
 * when both could be; or from eight digits together. The date must exist, from 1800 to
 * context's latest year. Two-digit years and month names are refused.
 * Source: Meta, "DOB"; its parameter builder's tests of dobUtil. */
rt_norm_fn rt_norm_birth_date;
/* YYYY, MM, DD of the same, or of the year, the month, the day given alone.
 * Source: Meta, "DOBY", "DOBM", "DOBD". */
rt_norm_fn rt_norm_birth_year;
rt_norm_fn rt_norm_birth_month;
rt_norm_fn rt_norm_birth_day;

/* Whole years, 1 to 120. Source: Meta, customer file template, "age". */
rt_norm_fn rt_norm_age;

/* A customer's value: digits, optionally a point and digits; no sign, no currency.
 * Source: Meta, customer file template, "value". */
rt_norm_fn rt_norm_amount;

/* ---- ids */

/* A mobile advertising id: a UUID with its hyphens, not the all-zero one that stands for
 * "tracking limited"; one without hyphens could be an MD5 digest and is refused. As
 * issued (Google, Criteo); or in lower case (Meta "madid", TikTok, X, Snapchat,
 * Pinterest); or an IDFA in capitals and an AAID in lower case (Reddit, Yandex,
 * Yahoo) where context knows which it is, as issued where not.
 * Google does not say which case; Pinterest's is Tealium's word for it.
 * Sources: the platforms' file formats; X Ads API, Custom Audiences User Data; Reddit
 * Ads, manual advanced matching. */
rt_norm_fn rt_norm_mobile_id;
rt_norm_fn rt_norm_mobile_id_lower;
rt_norm_fn rt_norm_mobile_id_by_kind;

/* Google's advertising id alone, as issued (LinkedIn "googleaid") or in lower case (OpenAI
 * "gaid"): what context knows for an IDFA is RT_NORM_UNUSABLE. */
rt_norm_fn rt_norm_google_aid;
rt_norm_fn rt_norm_google_aid_lower;

/* A Meta app-scoped user id, an X user id: digits, at most 20. */
rt_norm_fn rt_norm_app_user_id;

/* 1 to 128 of 0-9 a-z A-Z - _. Source: Amazon Ads, "externalUserId". */
rt_norm_fn rt_norm_external_id_amazon;

/* An X @username: lower case without its "@", 1 to 15 of a-z 0-9 _.
 * Source: X Ads API, Custom Audiences User Data. */
rt_norm_fn rt_norm_username_x;

/* ---- plain text */

/* UTF-8 without control characters. For columns that are sent as they are. */
rt_norm_fn rt_norm_text;

/* The same of at most 255 bytes, more is RT_NORM_UNUSABLE: Mailchimp would clip it.
 * Source: Mailchimp, Format guidelines for your import file. */
rt_norm_fn rt_norm_text_mailchimp;

/* LinkedIn's plain cells of contacts: "@" is allowed in the e-mail column only, and
 * longer texts than 35 characters (names) or 50 (title, company) are not taken: both
 * RT_NORM_UNUSABLE, for half a name matches nobody.
 * Source: LinkedIn, Create and manage list uploads (2026). */
rt_norm_fn rt_norm_linkedin_name;
rt_norm_fn rt_norm_linkedin_work;

/* ---- companies */

/* The host of a website, lower case, without scheme, "www.", port and path.
 * Source: Segment's LinkedIn code (trimmed, lower-case, no scheme). */
rt_norm_fn rt_norm_domain;

/* The same of a domain, or the domain of an e-mail address. */
rt_norm_fn rt_norm_email_domain;

/* "https://www.linkedin.com/company/name": the page of a company, school or showcase, in
 * lower case, without what follows the name; anything else is invalid. */
rt_norm_fn rt_norm_linkedin_page;

#endif
