/* What is wrong and what to do about it, in words; and what platforms take that lists made
 * here do not have. */
#include "run/verify_int.h"

#define ERROR   RT_FINDING_ERROR
#define WARNING RT_FINDING_WARNING

const struct rt_fault_text rt_fault_texts[RT_FAULTS] = {
    [RT_FAULT_PACKED] = { ERROR, "the file is compressed: unpack it before the upload" },
    [RT_FAULT_UTF16] = { ERROR,
        "the file is UTF-16: convert it, iconv -f UTF-16 -t UTF-8" },
    [RT_FAULT_MARK] = { WARNING,
        "a byte order mark, which can be taken for a part of what follows it: save as "
        "UTF-8 without one" },
    [RT_FAULT_EMPTY] = { ERROR, "there are no rows" },
    [RT_FAULT_MANY_ROWS] = { ERROR, "%s: split the file" },
    [RT_FAULT_MANY_BYTES] = { ERROR, "%s: split the file" },
    [RT_FAULT_FEW] = { WARNING, "%s" },
    [RT_FAULT_SEPARATOR] = { ERROR,
        "columns are separated by %s: the platform wants commas" },
    [RT_FAULT_NO_HEADER] = { ERROR, "the header line is missing: put \"%s\" in front" },
    [RT_FAULT_HEADER] = { ERROR,
        "a header line where the platform takes none: delete it" },
    [RT_FAULT_TITLE] = { ERROR, "%s" },
    [RT_FAULT_TITLE_REPEATS] = { ERROR,
        "the title %s stands more often than the platform takes it" },
    [RT_FAULT_ORDER] = { ERROR,
        "the columns are not those of the template in its order: \"%s\"" },
    [RT_FAULT_NEEDS] = { ERROR,
        "no set of columns by which the platform finds people: %s is needed" },
    [RT_FAULT_FIXED_LINE] = { ERROR,
        "not the line that the template has here: it begins with \"%s\"" },
    [RT_FAULT_NOT_UTF8] = { ERROR,
        "not UTF-8: convert the file, iconv -f WINDOWS-1252 -t UTF-8" },
    [RT_FAULT_CONTROL] = { ERROR, "a NUL or another control character: delete it" },
    [RT_FAULT_LINE_END] = { ERROR,
        "the line ends in a carriage return alone: end lines by LF" },
    [RT_FAULT_MIXED_ENDS] = { WARNING,
        "this line ends otherwise than the first: end all by LF" },
    [RT_FAULT_BLANK] = { WARNING, "a blank line: delete it" },
    [RT_FAULT_QUOTE] = { ERROR,
        "a quote that is not closed, or stands inside a cell: quote the cell whole and "
        "double quotes inside" },
    [RT_FAULT_TOO_LONG] = { ERROR, "a row of more than 1 MiB" },
    [RT_FAULT_RAGGED] = { ERROR, "%s" },
    [RT_FAULT_NO_IDENTIFIER] = { WARNING,
        "the row has nothing by which the platform finds people: %s is needed" },
    [RT_FAULT_HALF] = { WARNING,
        "part of %s is there: the platform uses all of it or none" },
    [RT_FAULT_REPEAT] = { WARNING, "the same row as %s: delete one" },
    [RT_FAULT_KEY] = { ERROR, "not a person's key, such as user_id:42" },
    [RT_FAULT_JSON] = { ERROR, "not a JSON object with a \"key\"" },
    [RT_FAULT_PLAIN] = { ERROR,
        "%s holds a plain value where a digest belongs: make the list by `retarget "
        "hash`, "
        "do not upload this one" },
    [RT_FAULT_NO_DIGEST] = { ERROR,
        "%s holds what is no digest: hash the normalised value, or leave the cell "
        "empty" },
    [RT_FAULT_OTHER_DIGEST] = { ERROR,
        "%s holds a digest of another kind: hash the value anew, one cannot be made of "
        "the other" },
    [RT_FAULT_DIGEST_CASE] = { ERROR,
        "%s holds a digest with capitals: write hex digits in lower case" },
    [RT_FAULT_DIGEST_BLANKS] = { ERROR,
        "%s holds a digest with blanks around it: cut them" },
    [RT_FAULT_EMPTY_DIGEST] = { ERROR,
        "%s holds the digest of an empty value: leave the cell empty" },
    [RT_FAULT_HASHED] = { ERROR,
        "%s holds a digest where a plain value belongs: write it plain, or leave it "
        "out" },
    [RT_FAULT_INVALID] = { ERROR,
        "%s holds what the platform cannot use there: mend it, or leave the cell empty" },
    [RT_FAULT_UNUSABLE] = { ERROR,
        "%s holds a value that this platform does not take: leave the cell empty" },
    [RT_FAULT_NOT_NORMAL] = { WARNING, "%s" },
    [RT_FAULT_FORMULA] = { WARNING,
        "%s begins with what a spreadsheet computes: put an apostrophe in front" },
};

/* Meta, TikTok, OpenAI: from their pages on customer files, as platform.c names them. */
static const struct rt_header_rule rules[] = {
    { "google-ads", false, "", false, true },
    { "google-ads-devices", false, "", false, true },
    { "google-ads-user-ids", false, "", false, true },
    { "dv360", false, "", false, true },
    { "meta", false,
        "dob age appuid pageuid iguid extern_id uid value data_processing_options "
        "data_processing_options_country data_processing_options_state ",
        false, false },
    { "linkedin", true, "", false, false },
    { "linkedin-companies", true, "", false, false },
    { "tiktok", false, "Email Email_SHA256 Phone Phone_SHA256 MAID MAID_SHA256 MAID_MD5 ",
        false, false },
    { "microsoft-ads", true, "", false, false },
    { "reddit", true, "", false, false },
    { "openai-ads", false, "email phone_number email_sha256 phone_number_sha256 gaid ",
        true, false },
    { "yandex", false, "*", false, false },
    { "mailchimp", false, "*", false, false },
    { "klaviyo", false, "*", false, false },
};

static const struct rt_header_rule usual = { "", false, "", false, false };

const struct rt_header_rule *rt_header_rule_of(const struct rt_platform *platform)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(platform->name, rules[i].platform) == 0)
            return &rules[i];
    return &usual;
}
