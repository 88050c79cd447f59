/* A part's name has its mark before the last dot, so that the kind of the file stays. */
#include "lists/list_files.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>

#include "base/alloc.h"

enum { NAME_MAX_BYTES = 4096, DIGITS_MAX = 9 };

static const char mark[] = ".part-";

/* Where the mark goes: before the last dot, unless the name begins with it. */
static size_t stem_of(struct rt_span file)
{
    for (size_t i = file.n; i-- > 1;)
        if (file.p[i] == '.')
            return i;
    return file.n;
}

static int digits_of(uint32_t n)
{
    int digits = 2;

    for (n /= 100; n; n /= 10)
        digits++;
    return digits;
}

int rt_part_name(struct rt_span file, uint32_t part, uint32_t nparts, struct rt_buf *out)
{
    size_t stem = stem_of(file);
    int rc;

    if (nparts <= 1)
        return rt_buf_add(out, file.p, file.n);
    rc = rt_buf_add(out, file.p, stem);
    if (rc == RT_OK)
        rc = rt_buf_addf(out, "%s%0*u", mark, digits_of(nparts), part);
    return rc == RT_OK ? rt_buf_add(out, file.p + stem, file.n - stem) : rc;
}

uint32_t rt_part_of(struct rt_span file, struct rt_span name)
{
    size_t stem = stem_of(file), nmark = sizeof mark - 1, behind = file.n - stem;
    uint32_t part = 0;
    size_t ndigits;

    if (name.n < file.n + nmark + 2 || memcmp(name.p, file.p, stem) != 0
        || memcmp(name.p + stem, mark, nmark) != 0
        || memcmp(name.p + name.n - behind, file.p + stem, behind) != 0)
        return 0;
    ndigits = name.n - file.n - nmark;
    if (ndigits > DIGITS_MAX)
        return 0;
    for (size_t i = 0; i < ndigits; i++) {
        char c = name.p[stem + nmark + i];

        if (c < '0' || c > '9')
            return 0;
        part = part * 10 + (uint32_t)(c - '0');
    }
    return part;
}

/* ---- writing */

struct folder {
    struct rt_sink_set *set;
    const char *dir;
    pthread_mutex_t lock; /* of err, while lists are written by several threads */
    struct rt_err *err;
};

struct files {
    struct folder *folder;
    struct rt_span file;
    uint32_t nparts;
    struct rt_sink *sink; /* of the part at hand */
    struct rt_buf name;
};

/* What went wrong first is told. */
static int failed(struct folder *to, int rc, const struct rt_err *err)
{
    pthread_mutex_lock(&to->lock);
    if (to->err && to->err->code == RT_OK)
        *to->err = *err;
    pthread_mutex_unlock(&to->lock);
    return rc;
}

static int begin_part(void *ctx, uint32_t part)
{
    struct files *f = ctx;
    struct folder *to = f->folder;
    struct rt_err err = { 0 };
    int rc;

    rt_buf_reset(&f->name);
    rc = rt_part_name(f->file, part, f->nparts, &f->name);
    rc = rc < 0 ? rt_err_set(&err, RT_ENOMEM, "out of memory")
                : rt_sink_add(to->set, to->dir, rt_buf_text(&f->name), &f->sink, &err);
    return rc < 0 ? failed(to, rc, &err) : rc;
}

static int put(void *ctx, struct rt_span bytes)
{
    struct files *f = ctx;
    struct rt_err err = { 0 };
    int rc = rt_sink_write(f->sink, bytes, &err);

    return rc < 0 ? failed(f->folder, rc, &err) : rc;
}

int rt_sheet_write_files(struct rt_sheet *sheet, struct rt_sink_set *set, const char *dir,
    const struct rt_list_file *files, uint32_t n, uint32_t jobs, struct rt_err *err)
{
    struct files *fs = rt_calloc(n, sizeof *fs);
    struct rt_put *puts = rt_calloc(n, sizeof *puts);
    struct folder folder = { set, dir, PTHREAD_MUTEX_INITIALIZER, err };
    int rc = fs && puts ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");

    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        fs[i] = (struct files) { &folder, files[i].name, files[i].nparts, NULL,
            RT_BUF_INIT(NAME_MAX_BYTES) };
        puts[i] = (struct rt_put) { put, &fs[i], begin_part };
    }
    if (rc == RT_OK)
        rc = rt_sheet_write_shared(sheet, puts, jobs, err);
    for (uint32_t i = 0; fs && i < n; i++)
        rt_buf_release(&fs[i].name);
    rt_free(fs);
    rt_free(puts);
    return rc;
}

/* ---- what earlier runs left */

static int look_at(const char *name, const struct rt_span *files, size_t nfiles,
    const struct rt_part_found *found)
{
    int rc = RT_OK;

    if (!strstr(name, mark))
        return RT_OK;
    for (size_t i = 0; i < nfiles && rc == RT_OK; i++)
        if (rt_part_of(files[i], rt_span_of(name)))
            rc = found->found(found->ctx, i, name);
    return rc;
}

int rt_parts_find(const char *dir, const struct rt_span *files, size_t nfiles,
    const struct rt_part_found *found, struct rt_err *err)
{
    DIR *folder = opendir(dir);
    struct dirent *entry;
    int rc = RT_OK;

    if (!folder && (errno == ENOENT || errno == ENOTDIR))
        return RT_OK;
    if (!folder)
        return rt_err_sys(err, RT_EIO, dir, errno, "cannot read this folder");
    while (rc == RT_OK && (errno = 0, entry = readdir(folder)))
        rc = look_at(entry->d_name, files, nfiles, found);
    if (rc == RT_OK && errno)
        rc = rt_err_sys(err, RT_EIO, dir, errno, "cannot read this folder");
    closedir(folder);
    return rc;
}

struct replacing {
    struct rt_sink_set *set;
    const char *dir;
    struct rt_err *err;
};

/* Parts that are written again are among them: those the set leaves alone. */
static int replace(void *ctx, size_t file, const char *name)
{
    const struct replacing *r = ctx;

    (void)file;
    return rt_sink_remove(r->set, r->dir, name, r->err);
}

int rt_parts_replace(struct rt_sink_set *set, const char *dir,
    const struct rt_span *files, const uint32_t *nparts, size_t nfiles,
    struct rt_err *err)
{
    struct replacing r = { set, dir, err };
    struct rt_part_found found = { replace, &r };
    int rc = rt_parts_find(dir, files, nfiles, &found, err);

    for (size_t i = 0; i < nfiles && rc == RT_OK; i++)
        if (nparts[i] > 1)
            rc = rt_sink_remove(set, dir, files[i].p, err);
    return rc;
}
