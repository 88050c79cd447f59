/*
 * What the columns of a contact file are taken for, for one platform: what the command
 * line says, then the names that are well known.
 *
 * Several columns may feed one field: all e-mail and telephone columns count.
 */
#ifndef RT_HASH_COLUMNS_H
#define RT_HASH_COLUMNS_H

#include "events/decoder.h"
#include "lists/rows.h"
#include "run/hashing.h"

enum { RT_HASH_SLOTS_BEFORE = 2, RT_HASH_UNUSED = UINT32_MAX };

struct rt_hash_columns {
    struct rt_hash_column *columns; /* of the file, in its order */
    uint32_t ncolumns;
    struct rt_mapping
        *mappings;         /* for the decoder: a slot's own name for each used one */
    struct rt_slots slots; /* time, event (unused), then the used columns */
    uint32_t *fields;      /* of slot RT_HASH_SLOTS_BEFORE + i */
    enum rt_norm_device *devices; /* likewise, of mobile ids */
    uint32_t nused;
    struct rt_contact_column *contacts; /* for the rower */
    uint32_t ncontacts;
    uint32_t user_id, client_id;     /* which used column; RT_HASH_UNUSED */
    uint8_t repeats[RT_COLUMNS_MAX]; /* how many of each platform column can be filled */
};

/*
 * names  the header; names and maps are borrowed, all else is in arena
 *
 * RT_OK; RT_EUSAGE for a map's field that is none; RT_EIO for a map's column that is not
 * there, for a header with an e-mail address in it, and when no column is of use (names
 * those that there are, unless the first line may be values); RT_ENOMEM.
 */
int rt_hash_columns_find(struct rt_hash_columns *out, const struct rt_platform *platform,
    const struct rt_hash_options *options, const struct rt_span *names, uint32_t n,
    struct rt_arena *arena, struct rt_err *err);

#endif
