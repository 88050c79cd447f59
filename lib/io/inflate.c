/* gzip by ISA-L (1.2 s for what zlib needs 3.9 s), zstd by its own library.
 *
 * Both libraries take what input there is and fill what output there is; the loop of
 * rt_inflate_read feeds them until the caller's buffer is full. A step that neither took
 * nor made a byte although the input has ended means that the stream stops too early.
 *
 * The gzip header is read by a call of its own: isal_inflate would forget a header's
 * flags when the header is cut by the end of an input block. */
#include "io/inflate.h"

#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/alloc.h"

enum stage {
    BETWEEN, /* a gzip member or zstd frame may begin here, or the stream end */
    HEADER,
    BODY,
    PADDING, /* NULs behind the last gzip member */
    DONE
};

struct gzip {
    struct inflate_state state;
    struct isal_gzip_header header;
};

struct rt_inflate {
    enum rt_packing packing;
    enum stage stage;
    rt_inflate_feed *feed;
    void *context;
    const char *name;
    const uint8_t *in; /* packed bytes not yet taken; lent by feed */
    size_t nin;
    bool ended; /* feed has no more */
    bool begun; /* a member or frame was complete already */
    int failed; /* the status that ended it */
    struct gzip *gzip;
    ZSTD_DCtx *zstd;
};

enum { STEP_BYTES = 1 << 30 }; /* ISA-L counts in 32 bits */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int truncated(struct rt_inflate *z, struct rt_err *err)
{
    return rt_err_at(err, RT_EIO, z->name, 0, 0,
        "is truncated: the %s data ends in the middle",
        z->packing == RT_GZIP ? "gzip" : "zstd");
}

static int damaged(struct rt_inflate *z, const char *why, struct rt_err *err)
{
    return rt_err_at(err, RT_EIO, z->name, 0, 0, "is damaged: %s", why);
}

static int garbage(struct rt_inflate *z, struct rt_err *err)
{
    return rt_err_at(err, RT_EIO, z->name, 0, 0,
        "has trailing garbage: bytes behind its %s data that are none",
        z->packing == RT_GZIP ? "gzip" : "zstd");
}

/* ---- gzip */

static int gzip_fault(struct rt_inflate *z, int rc, struct rt_err *err)
{
    bool in_header = z->stage == HEADER;

    switch (rc) {
    case ISAL_INVALID_WRAPPER:
        return z->begun ? garbage(z, err) : damaged(z, "no gzip header", err);
    case ISAL_UNSUPPORTED_METHOD:
        return damaged(z, "a gzip method other than deflate", err);
    case ISAL_INCORRECT_CHECKSUM:
        return damaged(z,
            in_header ? "the gzip header's checksum is wrong"
                      : "the gzip checksum or length is wrong",
            err);
    default:
        return damaged(z, "invalid deflate data", err);
    }
}

static void gzip_lend(struct rt_inflate *z)
{
    /* the field lacks a const; ISA-L only reads */
    z->gzip->state.next_in = (uint8_t *)(uintptr_t)z->in;
    z->gzip->state.avail_in = (uint32_t)least(z->nin, STEP_BYTES);
}

/* How many of the bytes lent the library took. Only after a success: where ISA-L finds an
 * error its count of what is left may be below zero. */
static size_t gzip_settle(struct rt_inflate *z)
{
    size_t took = least(z->nin, STEP_BYTES) - z->gzip->state.avail_in;

    z->in += took;
    z->nin -= took;
    return took;
}

static long gzip_between(struct rt_inflate *z, struct rt_err *err)
{
    if (!z->nin) {
        z->stage = DONE;
        return 0;
    }
    if (z->begun && *z->in == 0) {
        z->stage = PADDING;
        return 0;
    }
    if (*z->in != 0x1f)
        return gzip_fault(z, ISAL_INVALID_WRAPPER, err);
    isal_inflate_reset(&z->gzip->state);
    z->gzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    isal_gzip_header_init(&z->gzip->header);
    z->stage = HEADER;
    return 0;
}

static long gzip_header(struct rt_inflate *z, struct rt_err *err)
{
    int rc;

    if (!z->nin)
        return truncated(z, err);
    gzip_lend(z);
    rc = isal_read_gzip_header(&z->gzip->state, &z->gzip->header);
    if (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT)
        return gzip_fault(z, rc, err);
    gzip_settle(z);
    if (rc == ISAL_DECOMP_OK)
        z->stage = BODY;
    return 0;
}

static long gzip_body(struct rt_inflate *z, char *p, size_t n, struct rt_err *err)
{
    struct inflate_state *state = &z->gzip->state;
    uint32_t room = (uint32_t)least(n, STEP_BYTES);
    size_t took, made;
    int rc;

    gzip_lend(z);
    state->next_out = (uint8_t *)p;
    state->avail_out = room;
    rc = isal_inflate(state);
    if (rc != ISAL_DECOMP_OK)
        return gzip_fault(z, rc, err);
    took = gzip_settle(z);
    made = room - state->avail_out;
    if (state->block_state == ISAL_BLOCK_FINISH) {
        z->stage = BETWEEN;
        z->begun = true;
    } else if (!took && !made) {
        return z->nin ? damaged(z, "invalid deflate data", err) : truncated(z, err);
    }
    return (long)made;
}

static long gzip_padding(struct rt_inflate *z, struct rt_err *err)
{
    while (z->nin && *z->in == 0)
        z->in++, z->nin--;
    if (z->nin)
        return garbage(z, err);
    if (z->ended)
        z->stage = DONE;
    return 0;
}

static long gzip_step(struct rt_inflate *z, char *p, size_t n, struct rt_err *err)
{
    switch (z->stage) {
    case BETWEEN:
        return gzip_between(z, err);
    case HEADER:
        return gzip_header(z, err);
    case BODY:
        return gzip_body(z, p, n, err);
    case PADDING:
        return gzip_padding(z, err);
    case DONE:
        break;
    }
    return 0;
}

/* ---- zstd */

static int zstd_fault(struct rt_inflate *z, size_t code, struct rt_err *err)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_prefix_unknown:
        return z->begun ? garbage(z, err) : damaged(z, "no zstd header", err);
    case ZSTD_error_frameParameter_windowTooLarge:
        return rt_err_at(err, RT_ELIMIT, z->name, 0, 0,
            "needs a zstd window of more than %d MiB; pack it again without --ultra and "
            "--long",
            1 << (RT_ZSTD_WINDOW_LOG - 20));
    case ZSTD_error_dictionary_wrong:
        return rt_err_at(err, RT_EIO, z->name, 0, 0,
            "was packed with a zstd dictionary; unpack it first: zstd -D");
    case ZSTD_error_checksum_wrong:
        return damaged(z, "the zstd checksum is wrong", err);
    case ZSTD_error_memory_allocation:
        return rt_err_at(err, RT_ENOMEM, z->name, 0, 0, "out of memory");
    default:
        return damaged(z, "invalid zstd data", err);
    }
}

static long zstd_step(struct rt_inflate *z, char *p, size_t n, struct rt_err *err)
{
    ZSTD_inBuffer in = { z->in, z->nin, 0 };
    ZSTD_outBuffer out = { p, n, 0 };
    size_t left;

    if (z->stage == BETWEEN && !z->nin) {
        z->stage = DONE;
        return 0;
    }
    left = ZSTD_decompressStream(z->zstd, &out, &in);
    if (ZSTD_isError(left))
        return zstd_fault(z, left, err);
    z->in += in.pos;
    z->nin -= in.pos;
    if (left == 0) {
        z->stage = BETWEEN;
        z->begun = true;
    } else if (in.pos || out.pos) {
        z->stage = BODY;
    } else {
        return z->nin ? damaged(z, "invalid zstd data", err) : truncated(z, err);
    }
    return (long)out.pos;
}

/* ---- both */

static int start(struct rt_inflate *z)
{
    if (z->packing == RT_GZIP) {
        z->gzip = rt_calloc(1, sizeof *z->gzip);
        if (!z->gzip)
            return RT_ENOMEM;
        isal_inflate_init(&z->gzip->state);
        return RT_OK;
    }
    z->zstd = ZSTD_createDCtx();
    if (!z->zstd)
        return RT_ENOMEM;
    ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, RT_ZSTD_WINDOW_LOG);
    return RT_OK;
}

int rt_inflate_new(enum rt_packing packing, rt_inflate_feed *feed, void *context,
    const char *name, struct rt_inflate **out, struct rt_err *err)
{
    struct rt_inflate *z = rt_calloc(1, sizeof *z);

    if (!z)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    z->packing = packing;
    z->feed = feed;
    z->context = context;
    z->name = name;
    if (start(z) < 0) {
        rt_inflate_free(z);
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    }
    *out = z;
    return RT_OK;
}

void rt_inflate_free(struct rt_inflate *z)
{
    if (!z)
        return;
    ZSTD_freeDCtx(z->zstd);
    rt_free(z->gzip);
    rt_free(z);
}

static int refill(struct rt_inflate *z, struct rt_err *err)
{
    long got;

    if (z->nin || z->ended)
        return RT_OK;
    got = z->feed(z->context, &z->in, err);
    if (got < 0)
        return (int)got;
    z->nin = (size_t)got;
    z->ended = got == 0;
    return RT_OK;
}

static long read_some(struct rt_inflate *z, char *p, size_t n, struct rt_err *err)
{
    int rc = refill(z, err);

    if (rc < 0)
        return rc;
    return z->packing == RT_GZIP ? gzip_step(z, p, n, err) : zstd_step(z, p, n, err);
}

long rt_inflate_read(struct rt_inflate *z, char *p, size_t n, struct rt_err *err)
{
    size_t got = 0;

    if (z->failed)
        return rt_err_at(err, z->failed, z->name, 0, 0, "could not be unpacked");
    while (got < n && z->stage != DONE) {
        long made = read_some(z, p + got, n - got, err);

        if (made < 0) {
            z->failed = (int)made;
            return made;
        }
        got += (size_t)made;
    }
    return (long)got;
}
