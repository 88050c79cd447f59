#include "run/part_file.h"

#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "lists/list_files.h"

enum { PARTS = 99 }; /* names have two digits, and more from the hundredth on */

static bool is_stdout(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int add_part(struct rt_part_file *file, struct rt_err *err)
{
    struct rt_buf name = RT_BUF_INIT(PATH_MAX);
    int rc = RT_OK;

    file->parts++;
    if (file->parts > 1)
        rc = rt_part_name(rt_span_of(file->path), file->parts, PARTS, &name);
    if (rc < 0)
        rt_err_at(err, rc, file->path, 0, 0, "the name is too long");
    else
        rc = rt_sink_add(file->set, NULL,
            file->parts > 1 ? rt_buf_text(&name) : file->path, &file->sink, err);
    rt_buf_release(&name);
    file->part_rows = 0;
    file->part_bytes = file->head.n;
    file->bytes += file->head.n;
    return rc == RT_OK ? rt_sink_write(file->sink, file->head, err) : rc;
}

int rt_part_file_begin(struct rt_part_file *file, struct rt_sink_set *set,
    const char *path, struct rt_span head, const struct rt_platform *platform,
    struct rt_err *err)
{
    *file = (struct rt_part_file) { .set = set, .path = path, .head = head };
    if (!is_stdout(path)) {
        file->max_rows = platform->max_rows;
        file->max_bytes = platform->max_bytes;
    }
    return add_part(file, err);
}

int rt_part_file_add(struct rt_part_file *file, struct rt_span row, struct rt_err *err)
{
    bool full = (file->max_rows && file->part_rows == file->max_rows)
        || (file->max_bytes && file->part_rows
            && file->part_bytes + row.n > file->max_bytes);
    int rc = full ? add_part(file, err) : RT_OK;

    file->part_rows++;
    file->part_bytes += row.n;
    file->rows++;
    file->bytes += row.n;
    return rc == RT_OK ? rt_sink_write(file->sink, row, err) : rc;
}

/* ---- parts of earlier runs */

struct stale {
    struct rt_part_file *file;
    const char *dir;
    struct rt_span base;
    struct rt_err *err;
};

static int remove_stale(void *ctx, size_t i, const char *name)
{
    struct stale *stale = ctx;
    uint32_t part = rt_part_of(stale->base, rt_span_of(name));

    (void)i;
    if (part > 1 && part <= stale->file->parts)
        return RT_OK;
    return rt_sink_remove(stale->file->set, stale->dir, name, stale->err);
}

int rt_part_file_end(struct rt_part_file *file, struct rt_err *err)
{
    const char *slash = strrchr(file->path, '/');
    char dir[PATH_MAX] = ".";
    struct stale stale = { file, dir, rt_span_of(slash ? slash + 1 : file->path), err };
    struct rt_part_found found = { remove_stale, &stale };

    if (is_stdout(file->path) || strncmp(file->path, "/dev/", 5) == 0)
        return RT_OK;
    if (slash)
        snprintf(dir, sizeof dir, "%.*s",
            (int)(slash == file->path ? 1 : slash - file->path), file->path);
    return rt_parts_find(dir, &stale.base, 1, &found, err);
}
