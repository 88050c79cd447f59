#include "base/spare.h"

#include "base/alloc.h"

struct rt_spare_piece { /* at its beginning */
    struct rt_spare_piece *next;
    size_t bytes;
};

void rt_spare_add(struct rt_spare *spare, void *p, size_t bytes)
{
    struct rt_spare_piece *piece = p;

    if (bytes < sizeof *piece)
        return;
    if (bytes > RT_SPARE_BYTES_MAX - spare->bytes) {
        rt_pages_give_back(p, bytes);
        return;
    }
    piece->next = spare->first;
    piece->bytes = bytes;
    spare->first = piece;
    spare->bytes += bytes;
}

void *rt_spare_take(struct rt_spare *spare, size_t n, size_t *bytes)
{
    struct rt_spare_piece *piece = spare->first;

    if (!piece || piece->bytes < n)
        return NULL;
    spare->first = piece->next;
    spare->bytes -= piece->bytes;
    *bytes = piece->bytes;
    return piece;
}
