#include "stored.h"

#include <check.h>
#include <stdint.h>

/* CRC-32 of RFC 1952, section 8, bit by bit. */
static uint32_t crc32_of(struct rt_span s)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < s.n; i++) {
        crc ^= (uint8_t)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static void add_le(struct rt_buf *out, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        ck_assert_int_eq(rt_buf_addc(out, (char)(v >> (8 * i))), RT_OK);
}

void stored_gzip(struct rt_buf *out, struct rt_span text)
{
    add_le(out, 0x00088b1f, 4);
    add_le(out, 0, 4); /* no time */
    add_le(out, 0xff00, 2);
    for (size_t at = 0; at == 0 || at < text.n;) {
        size_t n = text.n - at < 0xffff ? text.n - at : 0xffff;

        add_le(out, at + n == text.n, 1); /* the last block? */
        add_le(out, (uint32_t)n, 2);
        add_le(out, ~(uint32_t)n, 2);
        ck_assert_int_eq(rt_buf_add(out, text.p + at, n), RT_OK);
        at += n;
        if (n == 0)
            break;
    }
    add_le(out, crc32_of(text), 4);
    add_le(out, (uint32_t)text.n, 4);
}
