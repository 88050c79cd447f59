/*
 * Contact values in the form in which each platform compares them, before hashing.
 *
 * One function a field and family of platforms; each names where its rule comes from. All
 * have one shape, so that a column of the platform table can point at its own.
 *
 * What no platform documents is international addresses: nobody says whether a domain in
 * its own script is to be sent as it is or as xn--. Domains stay as they are given.
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
    RT_NORM_NO_COUNTRY, /* a telephone number that wants a country */
    RT_NORM_HASHED,     /* a digest where the platform takes plain values only */
    RT_NORM_UNUSABLE,   /* right by itself, but not to be sent to this platform */
    RT_NORM_STATUSES,
    RT_NORM_NO_MEMORY = RT_NORM_STATUSES
};

enum {
    RT_NORM_IN_MAX = 512, /* bytes of a value; longer ones are RT_NORM_INVALID */
    RT_NORM_MAX = 2560    /* lower case and composing may each lengthen non-ASCII text */
};

struct rt_norm {
    size_t n;
    char p[RT_NORM_MAX];
};

/* What else is known of the person when a value is normalised. */
struct rt_norm_context {
    char country[3];      /* of the value's own row, alpha-2 in capitals; "" */
    char phone_region[3]; /* country for telephone numbers without a country code; "" */
    unsigned latest_year; /* the last that a birth date may have; 0: 2100 */
};

/* Normalises raw into out, which is not to be used unless RT_NORM_OK. */
typedef enum rt_norm_status rt_norm_fn(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out);

/*
 * Whether raw, outer blanks aside, is a SHA-256 digest already: 64 hex digits of either
 * case; out then holds them in lower case. To be asked of the raw value, before any rule.
 * Source: Meta's and Segment's libraries pass such values on; Meta's lower-cases them.
 */
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
 * Used by: Criteo, AdRoll; the same rule for X, Snapchat, TikTok, Yahoo, OpenAI.
 * Source: Criteo OneTag help, "hashing" (trimmed and lower-cased first). */
rt_norm_fn rt_norm_email_plain;

/* As plain; an address with any byte beyond ASCII is refused.
 * Source: Meta, Customer Information Parameters (2026); its parameter builder's tests. */
rt_norm_fn rt_norm_email_meta;

/* As plain, once all inner blanks are deleted.
 * Source: LinkedIn help a1489764 (2026). */
rt_norm_fn rt_norm_email_linkedin;

/* As plain; then for gmail.com and googlemail.com (which stays googlemail.com) the user
 * part is cut at its first "+" and loses its dots; empty after that: no address.
 * Sources: developers.google.com/data-manager/api/devguides/concepts/formatting (2026);
 * googleads/data-manager-java UserDataFormatter (June 2026). */
rt_norm_fn rt_norm_email_google;

/* A-Z to lower case and nothing else, bytes beyond ASCII unchanged; then for gmail.com
 * (not googlemail.com) as Google's. Source: UID2, Normalization and Encoding (2026). */
rt_norm_fn rt_norm_email_uid2;

/* Lower case; at every domain the user part is cut at its first "+" and keeps only
 * letters and digits of ASCII; empty after that: no address. Source: Reddit Ads, manual
 * advanced matching. */
rt_norm_fn rt_norm_email_reddit;

/* Lower case; then everything but a-z 0-9 _ . @ - is deleted, so that the sign "+" goes
 * and the tag stays. Segment's library keeps "+" and drops "_"; Amazon's own is followed.
 * Source: aws-solutions/amazon-marketing-cloud-uploader-from-aws (2025). */
rt_norm_fn rt_norm_email_amazon;

/* ---- telephone: see lists/phone.h; context gives the region */

/* "+441134960987". Source: Google (as for e-mail), UID2: E.164. */
rt_norm_fn rt_norm_phone_plus;

/* "441134960987". Sources: Meta, Customer File Custom Audiences; Snap; X. Meta's own
 * library keeps the digits of an extension; they are no part of the number: dropped. */
rt_norm_fn rt_norm_phone_digits;

/* ---- names
 *
 * A name without any letter ("-", "?", "007") is RT_NORM_INVALID; so is, for Google, one
 * with a line end or another control character inside. Names are composed
 * (NFC), so that a letter and its accent typed apart hash like the one letter.
 */

/* Lower case; one "mr." "mrs." "ms." "dr." at the start goes, its dot required.
 * Google's three libraries differ; this is the narrower of the two that remove any.
 * Source: googleads/data-manager-node formatter.ts (June 2026). */
rt_norm_fn rt_norm_first_name_google;

/* Lower case; from the end, as often as there is one after a comma or a blank: jr sr (dot
 * optional) 2nd 3rd ii iii iv v vi cpa dc dds vm jd md phd. Hyphens and inner blanks
 * stay. Source: as above. */
rt_norm_fn rt_norm_last_name_google;

/* Lower case without blanks and without ASCII punctuation and its typographic
 * apostrophes; accents, digits and letters of any script stay. Source: Meta, Customer
 * Information Parameters ("Valery" with its accent is an example there); long dashes stay
 * as in its parameter builder's tests. */
rt_norm_fn rt_norm_name_meta;

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

/* alpha-2: see lists/country.h. Google, LinkedIn: capitals. Meta: lower case, hashed. */
rt_norm_fn rt_norm_country_upper;
rt_norm_fn rt_norm_country_lower;

/* ---- the rest */

/* "m" or "f", from the usual words of a few languages.
 * Source: Meta, Customer Information Parameters ("gen"). */
rt_norm_fn rt_norm_gender;

/* YYYYMMDD from three numbers, the year of four digits first or last, month before day
 * when both could be; or from eight digits together. The date must exist, from 1800 to
 * context's latest year. Two-digit years and month names are refused.
 * Source: Meta, "DOB"; its parameter builder's tests of dobUtil. */
rt_norm_fn rt_norm_birth_date;
/* YYYY of the same. Source: Meta, "DOBY". */
rt_norm_fn rt_norm_birth_year;

/* A mobile advertising id: a UUID with its hyphens, not the all-zero one that stands for
 * "tracking limited". As issued (LinkedIn), or in lower case (Meta "madid"). */
rt_norm_fn rt_norm_mobile_id;
rt_norm_fn rt_norm_mobile_id_lower;

/* LinkedIn's plain cells: UTF-8 without control characters; "@" is allowed in the e-mail
 * column only, and longer texts than 35 characters (names) or 50 (title, company) are not
 * taken: both RT_NORM_UNUSABLE, for half a name matches nobody.
 * Source: LinkedIn, Create and manage list uploads (2026). */
rt_norm_fn rt_norm_linkedin_name;
rt_norm_fn rt_norm_linkedin_work;

/* A customer's value: digits, optionally a point and digits; no sign, no currency.
 * Source: Meta, customer file template, "value". */
rt_norm_fn rt_norm_amount;

/* A Meta app-scoped user id: digits, at most 20. */
rt_norm_fn rt_norm_app_user_id;

#endif
