/* The person at hand: put together (ids, contact rows) only when some list wants more than
 * the key, and normalised and kept once a platform, not once a list. */
#include "run/listing_int.h"

#include "base/alloc.h"

/* ---- the person at hand */

void rt_listing_turn_to(struct worker *w, uint32_t i)
{
    for (uint32_t p = 0; p < w->sh->nplatforms; p++) {
        uint32_t nwords = (w->sh->nlists[p] + 63) / 64;
        uint64_t *on = w->marks[p] + (size_t)i * nwords, any = on[0];

        for (uint32_t k = 1; k < nwords; k++)
            any |= on[k];
        w->on[p] = on;
        w->listed[p] = any != 0;
    }
    if (w->person == w->persons[i])
        return;
    w->person = w->persons[i];
    w->nkey = 0;
    w->gathered = false;
    w->contact = UNKNOWN;
}

struct rt_span rt_listing_key(struct worker *w)
{
    if (w->nkey == 0)
        w->nkey = rt_people_write_key(w->sh->in->people, w->person, w->key);
    return (struct rt_span) { w->key, w->nkey };
}

/* A value is written where it stands: made elsewhere and copied, it would wait for its own
 * stores. */
static inline int add_value(struct worker *w, uint32_t row, uint32_t field,
    struct rt_span text, enum rt_norm_device device)
{
    struct rt_pii_value *value;

    if (w->nvalues == w->cap_values) {
        uint32_t cap = w->cap_values ? w->cap_values * 2 : 64;
        struct rt_pii_value *values = rt_realloc(w->values, cap, sizeof *values);

        if (!values)
            return RT_ENOMEM;
        w->values = values;
        w->cap_values = cap;
    }
    value = &w->values[w->nvalues++];
    value->row = row;
    value->field = field;
    value->value.p = text.p;
    value->value.n = text.n;
    value->device = device;
    return RT_OK;
}

/* An id that came with events, if lists have its kind. */
static int add_id(void *ctx, uint32_t id)
{
    struct worker *w = ctx;
    const struct sharing *sh = w->sh;
    uint8_t kind = rt_ids_kind(sh->in->ids, id);

    if (kind >= sh->in->plan->nid_kinds || sh->field_of_kind[kind] == RT_PII_COUNT)
        return RT_OK;
    return add_value(
        w, 0, sh->field_of_kind[kind], rt_ids_bytes(sh->in->ids, id), RT_DEVICE_UNKNOWN);
}

static int add_contact_row(
    struct worker *w, const struct rt_contact_row *row, uint32_t number)
{
    const struct rt_contacts *contacts = w->sh->in->contacts;
    const struct rt_span *cells;
    int rc = rt_contact_reader_row(w->reader, row, &w->bytes, &cells, &w->err);

    for (uint32_t s = RT_LIST_SLOTS_BEFORE; s < contacts->list_slots.n && rc == RT_OK;
         s++)
        if (cells[s].n)
            rc = add_value(w, number, s - RT_LIST_SLOTS_BEFORE, cells[s],
                contacts->files[row->file].device);
    return rc;
}

/* All that is known of the person: once, when a list first asks. */
static int gather(struct worker *w)
{
    const struct rt_people *people = w->sh->in->people;
    const struct rt_contact_row *rows;
    uint64_t nrows;
    int rc;

    if (w->gathered)
        return RT_OK;
    rt_arena_reset(&w->bytes);
    w->nvalues = 0;
    rc = rt_people_each_id(people, w->person, add_id, w);
    rows = rt_people_rows(people, w->person, &w->next_row, &nrows);
    rt_contacts_fetch_ahead(w->sh->in->contacts, w->next_row);
    for (uint64_t i = 0; i < nrows && rc == RT_OK; i++)
        rc = add_contact_row(w, &rows[i], (uint32_t)i + 1);
    w->gathered = rc == RT_OK;
    return rc;
}

/* Rows with a product list differ from segment to segment; all others are the same on
 * every list of the platform. */
static bool has_products(const struct worker *w, uint32_t platform)
{
    return w->sh->in->products && w->sh->platforms[platform]->kind == RT_ROWS_CONTACT;
}

/* The person's product list in a segment. */
static int add_products(struct worker *w, uint32_t segment, struct rt_person *person)
{
    const struct rt_node *list = w->sh->in->plan->segments[segment].list;

    if (!list)
        return RT_OK;
    return rt_eval_values(
        w->eval, list, w->sh->in->products, &person->products, &person->nproducts);
}

static int make_rows(struct worker *w, uint32_t platform, uint32_t segment)
{
    enum rt_rows_kind kind = w->sh->platforms[platform]->kind;
    struct rt_person person = { 0 };
    int rc = RT_OK;

    if (kind == RT_ROWS_KEY || kind == RT_ROWS_CONTACT)
        person.key = rt_listing_key(w);
    if (kind != RT_ROWS_KEY) {
        rc = gather(w);
        person.values = w->values;
        person.nvalues = w->nvalues;
    }
    if (rc == RT_OK && has_products(w, platform))
        rc = add_products(w, segment, &person);
    if (rc == RT_OK)
        rc = rt_rower_person(w->rowers[platform], &person, &w->rows[platform], &w->err);
    if (rc == RT_OK && w->rows[platform].has_usual)
        w->contact = WITH;
    return rc;
}

/* ---- on which lists */

static void note_rows(struct worker *w, uint32_t platform)
{
    const struct sharing *sh = w->sh;
    const uint64_t *on = w->on[platform];

    for (uint32_t t = 0; t < sh->in->targets->n; t++) {
        uint32_t number = sh->number_of[t];

        if (sh->platform_of[t] == platform && on[number / 64] >> number % 64 & 1)
            sh->in->watch->rows[t] = w->rows[platform].nrows;
    }
}

/* Whether the person's row is its key: that needs no rower. */
static bool is_key_line(struct worker *w, uint32_t platform)
{
    return w->sh->platforms[platform]->kind == RT_ROWS_KEY && !w->sh->in->watch
        && rt_rows_take_key(rt_listing_key(w));
}

/* Puts the person on the lists of the platform that were noted. segment: whose product
 * list counts, where there are any. */
static int add_to_sheet(struct worker *w, uint32_t platform, uint32_t segment)
{
    uint32_t nwords = (w->sh->nlists[platform] + 63) / 64;
    uint64_t *on = w->on[platform];
    int rc;

    if (is_key_line(w, platform)) {
        rc = rt_sheet_add_line(w->sheets[platform], rt_listing_key(w), on, &w->err);
    } else {
        rc = make_rows(w, platform, segment);
        if (rc == RT_OK)
            rc = rt_sheet_add(w->sheets[platform], &w->rows[platform], on, &w->err);
    }
    if (w->sh->in->watch)
        note_rows(w, platform);
    for (uint32_t i = 0; i < nwords; i++)
        on[i] = 0;
    w->listed[platform] = false;
    return rc;
}

int rt_listing_add_for(struct worker *w, uint32_t segment)
{
    int rc = RT_OK;

    for (uint32_t p = 0; p < w->sh->nplatforms && rc == RT_OK; p++)
        if (w->listed[p] && has_products(w, p))
            rc = add_to_sheet(w, p, segment);
    return rc;
}

int rt_listing_add(struct worker *w)
{
    int rc = RT_OK;

    for (uint32_t p = 0; p < w->sh->nplatforms && rc == RT_OK; p++)
        if (w->listed[p])
            rc = add_to_sheet(w, p, RT_NONE);
    return rc;
}

int rt_listing_know_contact(struct worker *w)
{
    struct rt_person person;
    int rc;

    if (w->contact != UNKNOWN)
        return RT_OK;
    rc = gather(w);
    person = (struct rt_person) { .values = w->values, .nvalues = w->nvalues };
    if (rc == RT_OK)
        w->contact = rt_rower_has_contact(w->rowers[0], &person) ? WITH : WITHOUT;
    return rc;
}
