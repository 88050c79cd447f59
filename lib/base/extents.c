#include "base/extents.h"

#include <pthread.h>

#include "base/alloc.h"

enum { FIRST_REGION = 1 << 21, REGION = 1 << 24, LINE = 64 };

struct rt_store {
    pthread_mutex_t lock;
    char *next; /* in the last region */
    size_t left;
    char **regions; /* the first one is FIRST_REGION long, the others REGION */
    uint32_t n, cap;
};

int rt_store_new(struct rt_store **out)
{
    struct rt_store *store = rt_calloc(1, sizeof *store);

    if (!store)
        return RT_ENOMEM;
    pthread_mutex_init(&store->lock, NULL);
    *out = store;
    return RT_OK;
}

static size_t region_bytes(uint32_t i)
{
    return i == 0 ? FIRST_REGION : REGION;
}

void rt_store_free(struct rt_store *store)
{
    if (!store)
        return;
    for (uint32_t i = 0; i < store->n; i++)
        rt_pages_free(store->regions[i], region_bytes(i));
    rt_free(store->regions);
    pthread_mutex_destroy(&store->lock);
    rt_free(store);
}

static int new_region(struct rt_store *store)
{
    char *region;

    if (store->n == store->cap) {
        uint32_t cap = store->cap ? store->cap * 2 : 8;
        char **regions = rt_realloc(store->regions, cap, sizeof *regions);

        if (!regions)
            return RT_ENOMEM;
        store->regions = regions;
        store->cap = cap;
    }
    region = store->n ? rt_pages_new_huge(REGION) : rt_pages_new_small(FIRST_REGION);
    if (!region)
        return RT_ENOMEM;
    store->next = region;
    store->left = region_bytes(store->n);
    store->regions[store->n++] = region;
    return RT_OK;
}

/* What is left of a region, too little, is never touched. */
void *rt_store_take(struct rt_store *store, size_t bytes)
{
    void *p = NULL;

    bytes = (bytes + LINE - 1) / LINE * LINE;
    pthread_mutex_lock(&store->lock);
    if (store->left >= bytes || new_region(store) == RT_OK) {
        p = store->next;
        store->next += bytes;
        store->left -= bytes;
    }
    pthread_mutex_unlock(&store->lock);
    return p;
}

void rt_store_trim(struct rt_store *store)
{
    rt_pages_give_back(store->next, store->left);
}
