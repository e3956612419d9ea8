# Completion for datarizer and the programs beside it, in bash. Options come from --help, so that they never lag behind.

_datarizer_options()
{
    "$@" --help 2>/dev/null | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z0-9][a-z0-9-]*\).*/\2/p'
}

_datarizer_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_datarizer()
{
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
    local command=()
    [[ ${program##*/} != datarizer ]] || command=("${COMP_WORDS[1]}")
    if ((${#command[@]} && COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "--help --version $("$program" --help 2>/dev/null |
            sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')" -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_datarizer_options "$program" "${command[@]}")" -- "$current")
    else
        _datarizer_files "$current"
    fi
}

complete -F _datarizer datarizer datarizer-ingest datarizer-writer userator userator-v1
