/* The progress line: drawn at most ten times a second, over itself. */
#include "cmd/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/cmd.h"

enum { EVERY_MS = 100, WAIT_MS = 300, BAR = 24 };

#define ERASE "\r\033[K"

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "1.4 GiB" */
static void size_text(uint64_t bytes, char out[24])
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    snprintf(out, 24, "%.*f %s", unit && value < 99.95 ? 1 : 0, value, units[unit]);
}

/* "1:02:03", "4:05", "7 s" */
static void time_text(uint64_t seconds, char out[24])
{
    if (seconds < 60)
        snprintf(out, 24, "%u s", (unsigned)seconds);
    else if (seconds < 3600)
        snprintf(out, 24, "%u:%02u", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else if (seconds < 360000)
        snprintf(out, 24, "%u:%02u:%02u", (unsigned)(seconds / 3600),
            (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    else
        snprintf(out, 24, "over 99 h");
}

static void bar_text(double part, char out[BAR + 1])
{
    int full = (int)(part * BAR);

    for (int i = 0; i < BAR; i++)
        out[i] = i < full ? '=' : i == full ? '>' : ' ';
    out[BAR] = '\0';
}

void progress_line(uint64_t done_bytes, uint64_t total_bytes, uint64_t records,
    int64_t elapsed_ms, unsigned columns, char *out, size_t room)
{
    double seconds = elapsed_ms > 0 ? (double)elapsed_ms / 1000 : 0.001;
    double rate = (double)done_bytes / seconds;
    double part = total_bytes ? (double)done_bytes / (double)total_bytes : 0;
    char done[24], speed[24], left[24], bar[BAR + 1];
    int n;

    part = part > 1 ? 1 : part;
    size_text(done_bytes, done);
    size_text((uint64_t)rate, speed);
    if (total_bytes && rate >= 1) {
        time_text((uint64_t)((double)total_bytes * (1 - part) / rate + 0.5), left);
        bar_text(part, bar);
        n = snprintf(out, room, "[%s] %3d%%  %s  %s/s  %ju records  %s left", bar,
            (int)(part * 100), done, speed, (uintmax_t)records, left);
    } else {
        n = snprintf(out, room, "%s  %s/s  %ju records", done, speed, (uintmax_t)records);
    }
    if (n > 0 && (unsigned)n >= columns && columns > 0 && columns <= room)
        out[columns - 1] = '\0'; /* the last column stays free: no line break */
}

static void erase(struct progress *progress)
{
    if (progress->on_screen)
        fputs(ERASE, stderr);
    progress->on_screen = false;
}

static void show(void *ctx, uint64_t done_bytes, uint64_t total_bytes, uint64_t records)
{
    struct progress *progress = ctx;
    char line[256];
    int64_t now;

    pthread_mutex_lock(&progress->lock);
    now = clock_ms();
    /* short runs end without a flash of a bar */
    if (now - progress->start_ms >= WAIT_MS && now - progress->last_ms >= EVERY_MS) {
        progress_line(done_bytes, total_bytes, records, now - progress->start_ms,
            err_columns(), line, sizeof line);
        fprintf(stderr, ERASE "%s", line);
        progress->on_screen = true;
        progress->last_ms = now;
    }
    pthread_mutex_unlock(&progress->lock);
}

static void say(void *ctx, const char *text)
{
    struct progress *progress = ctx;

    pthread_mutex_lock(&progress->lock);
    erase(progress);
    if (!progress->quiet)
        say_error("%s", text);
    pthread_mutex_unlock(&progress->lock);
}

void progress_start(struct progress *progress, bool quiet, bool off)
{
    memset(progress, 0, sizeof *progress);
    pthread_mutex_init(&progress->lock, NULL);
    progress->shown = !quiet && !off && err_is_terminal();
    progress->quiet = quiet;
    progress->start_ms = clock_ms();
}

void progress_end(struct progress *progress)
{
    erase(progress);
    pthread_mutex_destroy(&progress->lock);
}

struct rt_progress progress_hook(struct progress *progress)
{
    return (struct rt_progress) { progress->shown ? show : NULL, progress };
}

struct rt_notice notice_hook(struct progress *progress)
{
    return (struct rt_notice) { say, progress };
}
