/* `--report events.csv events.csv` is a slip of the hand that would cost the events: the
 * sink replaces whatever has the name. So names are compared by what they stand for. Few
 * files are read and few thousand written, so that each pair is looked at. */
#include "run/overwrite.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "lists/list_files.h"

struct identity {
    dev_t device;
    ino_t inode;
};

struct readings {
    struct identity *files;
    size_t n;
};

static void add_reading(struct readings *r, const char *path)
{
    struct stat st;

    if (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) != 0 : stat(path, &st) != 0)
        return; /* opening it says what is wrong */
    if (S_ISREG(st.st_mode))
        r->files[r->n++] = (struct identity) { st.st_dev, st.st_ino };
}

static int gather(
    const struct rt_run_options *o, const struct rt_defs *defs, struct readings *r)
{
    size_t most = 1 + o->ninputs + defs->people.ncontacts + defs->nopt_outs;

    r->files = rt_calloc(most, sizeof *r->files);
    if (!r->files)
        return RT_ENOMEM;
    add_reading(r, o->segments_path);
    for (uint32_t i = 0; i < o->ninputs; i++)
        add_reading(r, o->inputs[i].path);
    for (size_t i = 0; i < defs->people.ncontacts; i++)
        add_reading(r, defs->people.contacts[i].path.p);
    for (size_t i = 0; i < defs->nopt_outs; i++)
        add_reading(r, defs->opt_out_files[i].p);
    return RT_OK;
}

static int check_file(const struct readings *r, const char *path, struct rt_err *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return RT_OK;
    for (size_t i = 0; i < r->n; i++)
        if (r->files[i].device == st.st_dev && r->files[i].inode == st.st_ino)
            return rt_err_at(err, RT_EUSAGE, path, 0, 0,
                "is read by this run and would be overwritten by it: give the output "
                "another name");
    return RT_OK;
}

static int check_list(const struct readings *r, const char *dir, struct rt_span file,
    struct rt_buf *path, struct rt_err *err)
{
    int rc;

    rt_buf_reset(path);
    rc = rt_buf_addf(path, "%s/%s", dir, file.p);
    return rc < 0 ? rc : check_file(r, rt_buf_text(path), err);
}

/* Parts that stand in the folder of lists are replaced or removed. */
struct parts {
    const struct readings *readings;
    const char *dir;
    struct rt_buf *path;
    struct rt_err *err;
};

static int check_part(void *ctx, size_t file, const char *name)
{
    const struct parts *p = ctx;

    (void)file;
    return check_list(p->readings, p->dir, rt_span_of(name), p->path, p->err);
}

static int check_parts(const struct readings *r, const char *dir,
    const struct rt_targets *targets, struct rt_buf *path, struct rt_err *err)
{
    struct rt_span *files = rt_calloc(targets->n, sizeof *files);
    struct parts parts = { r, dir, path, err };
    struct rt_part_found found = { check_part, &parts };
    int rc;

    if (!files)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < targets->n; i++)
        files[i] = targets->targets[i].file;
    rc = rt_parts_find(dir, files, targets->n, &found, err);
    rt_free(files);
    return rc;
}

/* What is there already and is no file (a device, a pipe) needs nothing of its folder. */
static int check_folder(const char *path, struct rt_buf *folder, struct rt_err *err)
{
    const char *slash = strrchr(path, '/');
    struct stat st;
    int rc;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return RT_OK;
    rt_buf_reset(folder);
    rc = slash ? rt_buf_add(folder, path, (size_t)(slash - path) + 1)
               : rt_buf_adds(folder, ".");
    if (rc < 0)
        return rc;
    if (access(rt_buf_text(folder), W_OK | X_OK) != 0)
        return rt_err_sys(err, RT_EIO, path, errno, "cannot write to its folder");
    return RT_OK;
}

static int check_all(const struct rt_run_options *o, const struct rt_targets *targets,
    const struct readings *r, struct rt_buf *text, struct rt_err *err)
{
    const char *const own[] = { o->report_path, o->html_path, o->rejects_path };
    const char *dir = o->output_dir ? o->output_dir : ".";
    int rc = RT_OK;

    for (size_t i = 0; i < sizeof own / sizeof *own && rc == RT_OK; i++) {
        if (!own[i] || strcmp(own[i], "-") == 0)
            continue;
        rc = check_file(r, own[i], err);
        if (rc == RT_OK)
            rc = check_folder(own[i], text, err);
    }
    if (strcmp(dir, "-") == 0)
        return rc;
    for (uint32_t i = 0; i < targets->n && rc == RT_OK; i++)
        rc = check_list(r, dir, targets->targets[i].file, text, err);
    return rc == RT_OK ? check_parts(r, dir, targets, text, err) : rc;
}

int rt_overwrite_check(const struct rt_run_options *o, const struct rt_defs *defs,
    const struct rt_targets *targets, struct rt_err *err)
{
    struct readings readings = { NULL, 0 };
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    int rc = RT_OK;

    if (!o->dry_run)
        rc = gather(o, defs, &readings);
    if (rc == RT_OK && !o->dry_run)
        rc = check_all(o, targets, &readings, &text, err);
    rt_buf_release(&text);
    rt_free(readings.files);
    return rc < 0
        ? rt_err_set(err, rc, rc == RT_ENOMEM ? "out of memory" : "a path is too long")
        : RT_OK;
}
