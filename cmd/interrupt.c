/*
 * Signals. The first one asks the run to stop, which lets a commit that has begun come to
 * its end; a run that is stuck (reading a pipe that stays silent) is ended by a timer.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "io/sink.h"

static volatile sig_atomic_t
    caught; /* the first signal's number; set by the handler only */

static void end_now(void)
{
    rt_sink_unlink_all();
    _exit(EXIT_SIGNAL + caught);
}

static void on_signal(int number)
{
    static const struct itimerval grace = { .it_value = { .tv_usec = 500000 } };

    if (caught)
        end_now();
    caught = number;
    rt_run_stop();
    setitimer(ITIMER_REAL, &grace, NULL); /* a plain system call on Linux */
}

static void on_timer(int number)
{
    (void)number;
    end_now();
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    struct sigaction before;

    sigfillset(&action.sa_mask);
    /* nohup and background jobs ignore some on purpose: leave those */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

void dump_no_core(void)
{
    struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
}

void catch_signals(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction timer = { .sa_handler = on_timer };

    sigaction(SIGPIPE, &ignore, NULL); /* writes say EPIPE instead */
    sigaction(SIGXFSZ, &ignore, NULL); /* and EFBIG */
    sigaction(SIGALRM, &timer, NULL);
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    handle(SIGHUP, on_signal);
}

int signal_status(void)
{
    return caught ? EXIT_SIGNAL + caught : 0;
}
