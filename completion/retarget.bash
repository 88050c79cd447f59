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

_retarget_files() { # CURRENT
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_retarget_folders() { # CURRENT
    mapfile -t COMPREPLY < <(compgen -d -- "$1")
}

_retarget_platforms() {
    retarget platforms --names 2>/dev/null
}

_retarget_segment_file() { # the one that stands behind -s on this line
    local i

    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -s | --segments)
                [ "${COMP_WORDS[i + 1]}" != "=" ] || i=$((i + 1))
                printf '%s\n' "${COMP_WORDS[i + 1]}"
                return
                ;;
        esac
    done
}

_retarget_segments() { # FILE: names of its segments, each at the beginning of a line
    [ -f "$1" ] && retarget explain -q -s "$1" 2>/dev/null | grep -xE '[A-Za-z0-9_-]{1,64}'
}

_retarget_sources() { # FILE: the other names in it are those of sources
    [ -f "$1" ] && grep -oE '"name" *: *"[A-Za-z0-9_-]{1,64}"' "$1" | sed 's/.*"\(.*\)"/\1/' |
        grep -vxF "$(_retarget_segments "$1")"
}

_retarget_inputs() { # CURRENT: files, and sources as "web=" unless that stands there
    local file sources

    _retarget_files "$1"
    case "${COMP_WORDS[COMP_CWORD - 1]} ${COMP_WORDS[COMP_CWORD]}" in *=*) return ;; esac
    file=$(_retarget_segment_file)
    [ -n "$file" ] || return
    mapfile -t sources < <(compgen -S = -W "$(_retarget_sources "$file")" -- "$1")
    [ ${#sources[@]} -eq 0 ] || compopt -o nospace 2>/dev/null
    COMPREPLY+=("${sources[@]}")
}

_retarget_fields="email phone first_name last_name street city region postcode country \
    birth_date gender mobile_id user_id"

_retarget_value() { # COMMAND OPTION CURRENT: false when the option takes no value
    case $2 in
        -o | --output)
            if [ "$1" = hash ]; then _retarget_files "$3"; else _retarget_folders "$3"; fi
            ;;
        --tmpdir) _retarget_folders "$3" ;;
        -s | --segments | --report | --html | --rejects | --add | --remove)
            _retarget_files "$3"
            ;;
        -t | --to)
            if [ "$1" = build ]; then
                _retarget_list "$(_retarget_platforms)" "$3"
            else
                _retarget_words "$(_retarget_platforms)" "$3"
            fi
            ;;
        --only | --segment)
            _retarget_list "$(_retarget_segments "$(_retarget_segment_file)")" "$3"
            ;;
        --map)
            mapfile -t COMPREPLY < <(compgen -S = -W "$_retarget_fields" -- "$3")
            compopt -o nospace 2>/dev/null || true
            ;;
        --delimiter) _retarget_words "tab" "$3" ;;
        --memory) _retarget_words "256M 512M 1G 2G 4G" "$3" ;;
        -j | --jobs) _retarget_words "$(seq "$(getconf _NPROCESSORS_ONLN)")" "$3" ;;
        --max-rejects) _retarget_words "0 1% 5%" "$3" ;;
        --person | --as-of | --country | --products | --plain) ;;
        *) return 1 ;;
    esac
}

_retarget() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]}
    local commands="build check explain peek init hash diff verify platforms schema help"

    COMPREPLY=()
    [ "$current" != "=" ] || current=
    [ "$before" != "=" ] || before=${COMP_WORDS[COMP_CWORD - 2]} # --to=PLATFORM
    if [ "$COMP_CWORD" -eq 1 ]; then
        _retarget_words "$commands --help --version" "$current"
        return
    fi
    case $command in
        platforms | schema | help) ;; # their options take no values
        *)
            if _retarget_value "$command" "$before" "$current"; then return; fi
            ;;
    esac
    case $current in
        -*)
            _retarget_words "$(_retarget_options "$command")" "$current"
            return
            ;;
    esac
    case $command in
        help) _retarget_words "$commands segments" "$current" ;;
        platforms) _retarget_words "$(_retarget_platforms)" "$current" ;;
        schema) ;;
        build | explain | peek) _retarget_inputs "$current" ;;
        *) _retarget_files "$current" ;;
    esac
}

complete -o filenames -F _retarget retarget
