/*
 * The fields of a pixel, from the query of its request.
 */
#ifndef RT_PIXEL_H
#define RT_PIXEL_H

#include "events/event.h"

/* A slot and the parameter that feeds it. */
struct rt_pixel_slot {
    uint32_t slot;
    struct rt_span param;
};

struct rt_pixel_feeds {
    struct rt_span event; /* the parameter that names the event */
    struct rt_pixel_slot *slots;
    size_t nslots;
};

/* Fills the event and the slots that have a parameter, of the batch's next row: a pixel's
 * fields come from its parameters alone, the first of a repeated one. Values that are
 * encoded are decoded into the batch's scratch. RT_OK or RT_ENOMEM. */
int rt_pixel_fill(
    const struct rt_pixel_feeds *feeds, struct rt_span query, struct rt_batch *batch);

#endif
