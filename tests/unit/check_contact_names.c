#include "events/contact_names.h"

#include <check.h>

Suite *contact_names_suite(void);

static const struct {
    const char *header, *folded;
} folds[] = {
    { "E-Mail-Adresse", "emailadresse" },
    { "  N\xC2\xB0 de T\xC3\xA9l\xC3\xA9phone ", "ndetelephone" },
    { "PR\xC3\x89NOM", "prenom" },
    { "Pre\xCC\x81nom", "prenom" }, /* an accent of its own */
    { "Pr\xE9nom", "prenom" },      /* Latin-1 */
    { "Stra\xC3\x9F"
      "e",
        "strasse" },
    { "\xC5\x81\xC3\xB3"
      "d\xC5\xBA",
        "lodz" },
    { "\xEF\xBB\xBF"
      "email",
        "email" }, /* a byte order mark */
    { "phone_2 (work)", "phone2work" },
    { "\xD0\xBF\xD0\xBE\xD1\x87\xD1\x82\xD0\xB0",
        "\xD0\xBF\xD0\xBE\xD1\x87\xD1\x82\xD0\xB0" },
    { "--- ", "" },
    { "", "" },
};

START_TEST(fold)
{
    char out[RT_FOLDED_MAX];
    size_t n = rt_contact_fold(rt_span_of(folds[_i].header), out);

    ck_assert_msg(rt_span_eq((struct rt_span) { out, n }, rt_span_of(folds[_i].folded)),
        "%s: %.*s", folds[_i].header, (int)n, out);
}
END_TEST

/* A header of exactly what fits is folded, a longer one is none. */
START_TEST(fold_limit)
{
    char text[RT_FOLDED_MAX + 1], out[RT_FOLDED_MAX];

    memset(text, 'a', sizeof text);
    ck_assert_uint_eq(
        rt_contact_fold((struct rt_span) { text, RT_FOLDED_MAX }, out), RT_FOLDED_MAX);
    ck_assert_uint_eq(
        rt_contact_fold((struct rt_span) { text, RT_FOLDED_MAX + 1 }, out), 0);
    ck_assert_uint_eq(rt_contact_fold((struct rt_span) { "\xC3", 1 }, out), 1);
}
END_TEST

static const struct {
    const char *header, *field;
    bool paired;
} names[] = {
    { "Email", "email", false },
    { "E-mail 2 Address", "email", false },
    { "E-mail 1 - Value", "email", false },
    { "Emails (hashed)", "email", false },
    { "correo electr\xC3\xB3nico", "email", false },
    { "phone1", "phone", false },
    { "Handy-Nr.", "phone", false },
    { "Mailing Zip/Postal Code", "postcode", false },
    { "Default Address Country Code", "country", false },
    { "Billing Province", "region", false },
    { "Fax", NULL, false },
    { "Nachname", "last_name", false },
    { "Name", "last_name", true },
    { "Nome", "first_name", true },
    { "Full Name", NULL, false },
    { "Address 1", "street", false },
    { "Address 2", NULL, false }, /* what stands there is no street */
    { "E-mail", "email", false },
    { "CAP", "postcode", false },
    { "L\xC3\xA4ndercode", "country", false },
    { "Geburtsdatum", "birth_date", false },
    { "sexo", "gender", false },
    { "IDFA", "mobile_id", false },
    { "Raison sociale", "company", false },
    { "Bemerkung", NULL, false },
    { "2", NULL, false },
    { "", NULL, false },
};

START_TEST(name)
{
    bool paired;
    const char *field = rt_contact_name(rt_span_of(names[_i].header), &paired);

    ck_assert_msg((field == NULL) == (names[_i].field == NULL)
            && (!field || strcmp(field, names[_i].field) == 0)
            && paired == names[_i].paired,
        "%s: %s", names[_i].header, field ? field : "nothing");
}
END_TEST

static const struct {
    const char *text;
    bool value;
} values[] = {
    { "ann@example.com", true },
    { "+49 151 2345", true },
    { "0a9f8b7c6d5e", true },
    { "email_sha256", false },
    { "E-mail 2 Address", false },
    { "purchases 2025", false },
    { "Ann", false }, /* cannot be told from a title */
    { "", false },
};

START_TEST(value)
{
    ck_assert_msg(rt_contact_is_value(rt_span_of(values[_i].text)) == values[_i].value,
        "%s", values[_i].text);
}
END_TEST

Suite *contact_names_suite(void)
{
    Suite *suite = suite_create("contact_names");
    TCase *tc = tcase_create("all");

    tcase_add_loop_test(tc, fold, 0, sizeof folds / sizeof *folds);
    tcase_add_test(tc, fold_limit);
    tcase_add_loop_test(tc, name, 0, sizeof names / sizeof *names);
    tcase_add_loop_test(tc, value, 0, sizeof values / sizeof *values);
    suite_add_tcase(suite, tc);
    return suite;
}
