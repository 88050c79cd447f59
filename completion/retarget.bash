# bash completion for retarget(1)

_retarget_options() { # COMMAND: its options
    case $1 in
        build)
            echo --segments -s --output -o --to -t --only --as-of --country --products --dry-run -n \
                --report --html --rejects --max-rejects --strict --jobs -j --memory --tmpdir \
                --no-progress --quiet -q --verbose -v --help -h
            ;;
        explain)
            echo --segments -s --person --segment --as-of --country --json --jobs -j --memory \
                --tmpdir --no-progress --quiet -q --verbose -v --help -h
            ;;
        peek)
            echo --segments -s --jobs -j --no-progress --quiet -q --verbose -v --help -h
            ;;
        check)
            echo --as-of --strict --jobs -j --no-progress --quiet -q --verbose -v --help -h
            ;;
        init)
            echo --jobs -j --no-progress --quiet -q --verbose -v --help -h
            ;;
        hash)
            echo --to -t --output -o --map --country --delimiter --plain --report --rejects \
                --max-rejects --jobs -j --no-progress --quiet -q --verbose -v --help -h
            ;;
        diff)
            echo --output -o --add --remove --to -t --memory --tmpdir --quiet -q \
                --verbose -v --help -h
            ;;
        verify)
            echo --to -t --all --strict --quiet -q --verbose -v --help -h
            ;;
        platforms)
            echo --json --names --help -h
            ;;
        schema | help)
            echo --help -h
            ;;
    esac
}

_retarget_words() { # WORDS CURRENT: sets COMPREPLY
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_retarget_list() { # WORDS CURRENT: the same for the last of names with commas between
    local before=

    case $2 in *,*) before=${2%,*}, ;; esac
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${2##*,}")
}

_retarget_platforms() {
    retarget platforms --names 2>/dev/null
}

_retarget() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]}

    COMPREPLY=()
    [ "$current" != "=" ] || current=
    [ "$before" != "=" ] || before=${COMP_WORDS[COMP_CWORD - 2]} # --to=PLATFORM
    if [ "$COMP_CWORD" -eq 1 ]; then
        _retarget_words "build check explain peek init hash diff verify platforms schema help --help --version" "$current"
        return
    fi
    if [ "$command" = help ] && [ "${current#-}" = "$current" ]; then
        _retarget_words "build check explain peek init hash diff verify platforms schema help segments" "$current"
        return
    fi
    if [ "$command" = platforms ] && [ "${current#-}" = "$current" ]; then
        _retarget_words "$(_retarget_platforms)" "$current"
        return
    fi
    case $before in
        -o | --output)
            if [ "$command" = hash ]; then
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -d -- "$current")
            fi
            return
            ;;
        -t | --to)
            _retarget_list "$(_retarget_platforms)" "$current"
            return
            ;;
        --only | --segment | --person | --as-of | --country | --products | --map | --delimiter | --plain | -j | --jobs | --memory | \
            --max-rejects)
            return
            ;;
        --tmpdir)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
    esac
    case $current in
        -*) _retarget_words "$(_retarget_options "$command")" "$current" ;;
        *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    esac
}

complete -o filenames -F _retarget retarget
