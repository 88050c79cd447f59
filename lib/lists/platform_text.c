/* Labels on the left, texts on the right, wrapped. Numbers as people read them. */
#include "lists/platform_text.h"

#include <stdio.h>

#include "lists/list_example.h"
#include "lists/rule_text.h"

enum { WIDTH = 80, INDENT = 2, LABEL = 12 };

struct text {
    struct rt_buf *buf;
    int rc;
};

static void put(struct text *t, const char *text)
{
    if (t->rc == RT_OK)
        t->rc = rt_buf_adds(t->buf, text);
}

static void putn(struct text *t, const char *text, size_t n)
{
    if (t->rc == RT_OK)
        t->rc = rt_buf_add(t->buf, text, n);
}

static void blanks(struct text *t, size_t n)
{
    for (; n; n--)
        put(t, " ");
}

/* Appends words of text, the first at column `from`, later lines at the same. A word that
 * is longer than a line has a line of its own. */
static void wrap(struct text *t, size_t from, const char *text)
{
    size_t at = from;

    while (*text) {
        size_t n = strcspn(text, " ");

        if (at > from && at + 1 + n > WIDTH) {
            put(t, "\n");
            blanks(t, from);
            at = from;
        } else if (at > from) {
            put(t, " ");
            at++;
        }
        putn(t, text, n);
        at += n;
        text += n;
        text += strspn(text, " ");
    }
    put(t, "\n");
}

static void field(struct text *t, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    blanks(t, INDENT);
    put(t, label);
    blanks(t, LABEL - strlen(label));
    wrap(t, INDENT + LABEL, text);
}

/* "1,234,567" */
static void number(struct text *t, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%ju", (uintmax_t)n);

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            put(t, ",");
        putn(t, digits + i, 1);
    }
}

/* ---- phrases, made in a buffer of their own */

struct phrase {
    struct text text;
    struct rt_buf buf;
};

static void phrase_start(struct phrase *p)
{
    p->buf = (struct rt_buf)RT_BUF_INIT(1 << 16);
    p->text = (struct text) { &p->buf, RT_OK };
}

static void phrase_end(struct phrase *p, struct text *t, const char *label)
{
    if (p->text.rc == RT_OK && t->rc == RT_OK) {
        const char *text = rt_buf_text(&p->buf);

        if (text)
            field(t, label, text);
        else
            t->rc = RT_ENOMEM;
    }
    if (t->rc == RT_OK)
        t->rc = p->text.rc;
    rt_buf_release(&p->buf);
}

static void add_titles(struct text *t, const struct rt_platform *p)
{
    for (uint32_t c = 0; c < p->ncolumns; c++) {
        const struct rt_platform_column *column = &p->columns[c];

        put(t, c ? ", " : "");
        put(t, column->title);
        if (column->many > 1 && t->rc == RT_OK)
            t->rc = rt_buf_addf(t->buf, " (up to %u)", column->many);
    }
}

/* A header line, with room to wrap. */
static void add_header(struct text *t, const char *line)
{
    for (; *line; line++) {
        putn(t, line, 1);
        put(t, *line == ',' ? " " : "");
    }
}

static void say_columns(struct text *t, const struct rt_platform *p)
{
    struct phrase phrase;

    phrase_start(&phrase);
    if (p->kind == RT_ROWS_KEY)
        put(&phrase.text, "the person's key; no header line");
    else if (p->kind == RT_ROWS_CONTACT)
        put(&phrase.text, "key, email, those of the contact files");
    else if (p->preamble)
        add_header(&phrase.text, p->preamble[0]);
    else
        add_titles(&phrase.text, p);
    if (p->ncolumns && !p->header && !p->preamble)
        put(&phrase.text, "; no header line");
    phrase_end(&phrase, t, "columns");
}

/* The titles of the columns of a form. */
static void add_form(struct text *t, const struct rt_platform *p, enum rt_cell_form form)
{
    bool any = false;

    for (uint32_t c = 0; c < p->ncolumns; c++) {
        if (strcmp(rt_cell_form_name(p->columns[c].form), rt_cell_form_name(form)) != 0)
            continue;
        put(t, any ? ", " : "");
        put(t, p->columns[c].title);
        any = true;
    }
    if (!any)
        return;
    put(t, ": ");
    put(t, rt_cell_form_name(form));
}

static bool has_form(const struct rt_platform *p, enum rt_cell_form form)
{
    for (uint32_t c = 0; c < p->ncolumns; c++)
        if (p->columns[c].form == form)
            return true;
    return false;
}

static void say_hashed(struct text *t, const struct rt_platform *p)
{
    struct phrase phrase;
    bool any = false;

    phrase_start(&phrase);
    for (enum rt_cell_form form = RT_CELL_SHA256_HEX; form < RT_CELL_FORMS; form++) {
        if (!has_form(p, form))
            continue;
        put(&phrase.text, any ? "; " : "");
        add_form(&phrase.text, p, form);
        any = true;
    }
    put(&phrase.text, any ? "" : "nothing");
    phrase_end(&phrase, t, "hashed");
}

static void say_minimum(struct text *t, const struct rt_platform *p)
{
    struct phrase phrase;

    phrase_start(&phrase);
    if (p->minimum) {
        number(&phrase.text, p->minimum);
        put(&phrase.text, p->minimum_matched ? " people matched" : " rows");
    }
    if (p->advised) {
        put(&phrase.text, p->minimum ? "; advised are " : "advised are ");
        number(&phrase.text, p->advised);
    }
    put(&phrase.text, p->minimum || p->advised ? "" : "none known");
    phrase_end(&phrase, t, "minimum");
}

static void say_maximum(struct text *t, const struct rt_platform *p)
{
    struct phrase phrase;

    phrase_start(&phrase);
    if (p->max_rows) {
        number(&phrase.text, p->max_rows);
        put(&phrase.text, p->max_bytes ? " rows, " : " rows a file");
    }
    if (p->max_bytes) {
        number(&phrase.text, p->max_bytes);
        put(&phrase.text, " bytes a file");
    }
    put(&phrase.text, p->max_rows || p->max_bytes ? "" : "none known");
    phrase_end(&phrase, t, "maximum");
}

static void say_head(struct text *t, const struct rt_platform *p)
{
    put(t, p->name);
    if (strcmp(p->name, p->title) != 0) {
        put(t, ": ");
        put(t, p->title);
    }
    put(t, "\n");
}

static void say_tail(struct text *t, const struct rt_platform *p)
{
    field(t, "e-mail", p->email_rule);
    field(t, "telephone", p->phone_rule);
    say_minimum(t, p);
    say_maximum(t, p);
    field(t, "removal", p->removal);
    field(t, "source", p->source);
    field(t, "confidence",
        p->confidence     ? p->confidence
            : p->ncolumns ? "all of it read in the platform's own documents"
                          : NULL);
}

int rt_platform_text(const struct rt_platform *platform, struct rt_buf *out)
{
    struct text t = { out, RT_OK };

    say_head(&t, platform);
    say_columns(&t, platform);
    if (platform->ncolumns)
        say_hashed(&t, platform);
    say_tail(&t, platform);
    return t.rc;
}

/* ---- the whole rule */

static const char *rows_text(const struct rt_platform *p)
{
    switch (p->kind) {
    case RT_ROWS_PERSON:
        return p->repeat_last
            ? "one a person; further ones for further identifiers, each complete"
            : "one a person; further ones for further identifiers";
    case RT_ROWS_IDENTIFIER:
        return "one an identifier";
    case RT_ROWS_CONTACT:
        return "one a contact row of the person; one for each e-mail address, telephone "
               "number and device id that no contact row has";
    case RT_ROWS_KEY:
        break;
    }
    return "one a person";
}

static void add_names(struct text *t, const struct rt_platform_column *column)
{
    if (column->field != RT_FIELD_NAMED) {
        put(t, rt_pii_name(column->field));
        return;
    }
    for (const char *const *name = column->names; *name; name++) {
        put(t, name == column->names ? "" : ", ");
        put(t, *name);
    }
    put(t, column->names[0] ? "" : "nothing: stays empty");
}

static void say_column(struct text *t, const struct rt_platform *p, uint32_t c)
{
    const struct rt_platform_column *column = &p->columns[c];
    const char *rule = rt_rule_text(column->normalise);
    struct phrase phrase;

    phrase_start(&phrase);
    put(&phrase.text, column->title);
    if (column->many > 1 && phrase.text.rc == RT_OK)
        phrase.text.rc = rt_buf_addf(phrase.text.buf, ", up to %u times", column->many);
    put(&phrase.text, ": ");
    put(&phrase.text, rt_cell_form_name(column->form));
    put(&phrase.text, ", from ");
    add_names(&phrase.text, column);
    if (rule) {
        put(&phrase.text, "; ");
        put(&phrase.text, rule);
    }
    if (c >= p->ncolumns - p->noptional)
        put(&phrase.text, "; optional");
    phrase_end(&phrase, t, c == 0 ? "cells" : "");
}

/* The sets of columns of which a row needs one. */
static void say_needs(struct text *t, const struct rt_platform *p)
{
    struct phrase phrase;

    if (p->kind != RT_ROWS_PERSON)
        return;
    phrase_start(&phrase);
    for (size_t i = 0; i < RT_NEEDS_MAX && p->needs[i]; i++) {
        rt_columns left = p->needs[i];

        put(&phrase.text, i ? ", or " : "");
        for (uint32_t c = 0; c < p->ncolumns; c++) {
            if (!(left & (rt_columns)1 << c))
                continue;
            left &= ~((rt_columns)1 << c);
            put(&phrase.text, p->columns[c].title);
            put(&phrase.text, left ? " + " : "");
        }
    }
    phrase_end(&phrase, t, "needs");
}

static void say_example(struct text *t, const struct rt_platform *p, struct rt_err *err)
{
    put(t, "\nA list of one person, who was made up:\n\n");
    if (t->rc == RT_OK)
        t->rc = rt_list_example(p, t->buf, err);
}

int rt_platform_rule(
    const struct rt_platform *platform, struct rt_buf *out, struct rt_err *err)
{
    struct text t = { out, RT_OK };

    say_head(&t, platform);
    field(&t, "about", platform->about);
    field(&t, "rows", rows_text(platform));
    if (!platform->ncolumns)
        say_columns(&t, platform);
    for (uint32_t c = 0; c < platform->ncolumns; c++)
        say_column(&t, platform, c);
    field(&t, "header", platform->preamble ? NULL : platform->header ? "yes" : "none");
    if (platform->preamble)
        field(&t, "fixed", "the first lines, and what all rows have: see the list below");
    say_needs(&t, platform);
    say_tail(&t, platform);
    say_example(&t, platform, err);
    return t.rc;
}
