#compdef datarizer datarizer-ingest datarizer-writer userator userator-v1
# Completion for datarizer and the programs beside it, in zsh. Commands and options come from --help.

_datarizer_options()
{
    local -a options
    options=(${(f)"$("$@" --help 2>/dev/null | sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z0-9][a-z0-9-]*\)\( [A-Z]*\)\{0,1\}  *\(.*\)/\2:\4/p')"})
    _describe option options
}

_datarizer()
{
    local program=$words[1]
    if [[ ${program:t} == datarizer ]]; then
        if ((CURRENT == 2)); then
            local -a commands
            commands=(${(f)"$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\)  *\(.*\)/\1:\2/p')"})
            _describe command commands
            return
        fi
        if [[ $PREFIX == -* ]]; then
            _datarizer_options "$program" "$words[2]"
            return
        fi
    elif [[ $PREFIX == -* ]]; then
        _datarizer_options "$program"
        return
    fi
    _files
}

_datarizer "$@"
